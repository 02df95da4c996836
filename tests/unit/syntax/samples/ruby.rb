require "json"
require_relative "shelf/box"

# A shop.
module Shop
  LIMIT = 10

  # A box
  # of things.
  class Box < Base::Thing
    include Comparable
    attr_reader :size, :items

    def initialize(size, *rest, key: nil, &block)
      @size = size
      total = rest.sum + LIMIT
      rest.each { |item| put(item, total) }
    end

    def self.open(path) = new(File.read(path))

    def empty?
      items.empty? || size.zero?
    end

    class Lid; end
  end
end

def helper(x)
  Shop::Box.new(x).empty?
end
$verbose = true
