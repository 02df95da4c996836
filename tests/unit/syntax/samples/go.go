// Package stock keeps boxes.
package stock

import (
	"fmt"
	util "example.org/shop/util"
	. "./near"
)

// Limit is the most boxes.
const Limit = 10

const (
	First, Second = iota, 1
	Third         = "c"
)

var count int
var (
	a, b = 1, Limit
)

// Box holds things.
type Box[T any] struct {
	Size  int `json:"size"`
	x, y  float64
	items []T
	util.Base
}

type Opener interface {
	fmt.Stringer
	// Open opens.
	Open(key Key) error
}

type (
	Name  string
	Names = []Name
)

// Put puts an item in.
func (b *Box[T]) Put(item T, more ...T) (n int, err error) {
	local := append(b.items, item)
	for i, other := range more {
		fmt.Println(i, other, count)
	}
	if v, ok := lookup(local); ok {
		return v.Size, nil
	}
	go func(x int) { b.run(x) }(Limit)
	return len(local), util.Wrap(err)
}

func New(size int) *Box[int] { return &Box[int]{Size: size} }
