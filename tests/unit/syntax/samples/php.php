<html><?php
namespace Shop\Stock;

use Shop\Base;
use Shop\Util\{Text, Number as N};
require_once __DIR__ . '/lib/helper.php';
include "config.php";

const LIMIT = 10;

/**
 * A box.
 */
#[Entity]
abstract class Box extends Base implements Openable, \Countable
{
    use Weighs;
    public const WEIGHT = 1;
    /** How many. */
    protected int $size = 0;
    private $a, $b;

    public function __construct(private Item $item, int $size) { $this->size = $size; }

    abstract protected function open(Key $key): bool;

    public static function make(?Item $item = null): static
    {
        $local = Text::clean($item->name);
        $f = fn($x) => helper($x, LIMIT);
        return new static($local->weigh(), count($f), self::WEIGHT);
    }
}
interface Openable { public function open(Key $key): bool; }
trait Weighs { function weigh() { return strlen($this->name); } }
enum State: string { case Open = 'o'; case Closed = 'c'; }
function helper($x, $y) { return Box::make($x); }
