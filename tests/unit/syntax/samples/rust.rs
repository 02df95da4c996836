//! A crate.
use std::collections::HashMap;
use crate::shelf::{self, Shelf, lid::Lid as L, inner::*};
use super::prices;
extern crate serde;
mod queue;

/// The most boxes.
pub const LIMIT: usize = 10;
static COUNT: u32 = 0;

/// A box.
///
/// More about it.
#[derive(Debug, Clone)]
pub struct Box<T: Weigh> {
    /// Its size.
    pub size: usize,
    items: Vec<T>,
}
struct Pair(i32, Name);

pub enum State {
    Open,
    Closed { key: Key },
}

pub trait Weigh: Base {
    type Unit;
    fn weigh(&self) -> u32;
    fn heavy(&self) -> bool { self.weigh() > LIMIT }
}

impl<T: Weigh> Box<T> {
    pub fn new(size: usize) -> Self {
        let items = Vec::with_capacity(size);
        Self { size, items }
    }
    async fn put(&mut self, item: T, (a, b): (i32, i32)) -> Result<(), Error> {
        let total: u64 = self.items.iter().map(|other| other.weigh() + a).sum();
        match prices::find::<T>(&item) {
            Some(price) if price > b => self.items.push(item),
            State::Closed { key } => drop(key),
            _ => println!("{} {}", total, COUNT),
        }
        Ok(())
    }
}

impl Weigh for Pair { fn weigh(&self) -> u32 { self.0 as u32 } }

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn works() { assert_eq!(helper(1), 2); }
}

type Alias = HashMap<String, Box<Pair>>;
macro_rules! twice { ($x:expr) => { $x; $x }; }
