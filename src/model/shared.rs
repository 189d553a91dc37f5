//! Values that many surveys have alike, kept once.
//!
//! What a manifest wants, what is remembered and what a vendor shows say the same of nearly every survey, and surveys resemble
//! each other. So lists of criteria and of quotas, and vendors' settings, lie in pools: equal ones are one, a copy is a
//! reference, and most comparisons look at no content.
//!
//! Promises: a shared value is used, compared, written and read as the value itself; changing one changes no other. What nobody
//! uses any more leaves its pool before the pool doubles.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// A value that is kept once however often it is had.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Shared<T>(Arc<T>);

/// What has a pool.
pub trait Pooled: Clone + Eq + Hash + Send + Sync + 'static {
    /// The pool of its type.
    fn pool() -> &'static Pool<Self>;
}

/// Values of a type, each once.
pub struct Pool<T>(LazyLock<Mutex<Values<T>>>);

struct Values<T> {
    all: HashSet<Arc<T>>,
    /// How many there may be before those that nobody uses are dropped.
    most: usize,
}

/// How many values a pool keeps before it looks for those that nobody uses.
const FEW: usize = 1024;

impl<T: Pooled> Pool<T> {
    /// One without values.
    pub const fn new() -> Self {
        Self(LazyLock::new(|| {
            Mutex::new(Values {
                all: HashSet::new(),
                most: FEW,
            })
        }))
    }

    fn share(&self, value: T) -> Arc<T> {
        // A value is put in whole or not at all, so a panic elsewhere leaves nothing half done.
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = values.all.get(&value) {
            return Arc::clone(same);
        }
        if values.all.len() >= values.most {
            values.all.retain(|value| Arc::strong_count(value) > 1);
            values.most = FEW.max(2 * values.all.len());
        }
        let value = Arc::new(value);
        values.all.insert(Arc::clone(&value));
        value
    }
}

impl<T: Pooled> Default for Pool<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Shared<T> {
    /// A value that is not looked for in the pool, because it is like no other.
    pub(super) fn apart(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: Pooled> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self(T::pool().share(value))
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for Shared<BTreeMap<K, V>>
where
    BTreeMap<K, V>: Pooled,
{
    fn from(all: [(K, V); N]) -> Self {
        BTreeMap::from(all).into()
    }
}

impl<T: Pooled + Default> Default for Shared<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<A, T: Pooled + FromIterator<A>> FromIterator<A> for Shared<T> {
    fn from_iter<I: IntoIterator<Item = A>>(all: I) -> Self {
        T::from_iter(all).into()
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<'a, T> IntoIterator for &'a Shared<T>
where
    &'a T: IntoIterator,
{
    type Item = <&'a T as IntoIterator>::Item;
    type IntoIter = <&'a T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (&*self.0).into_iter()
    }
}

impl<'a, T: Clone> IntoIterator for &'a mut Shared<T>
where
    &'a mut T: IntoIterator,
{
    type Item = <&'a mut T as IntoIterator>::Item;
    type IntoIter = <&'a mut T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        Arc::make_mut(&mut self.0).into_iter()
    }
}

impl<T: IntoIterator + Clone> IntoIterator for Shared<T> {
    type Item = T::Item;
    type IntoIter = T::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Eq> PartialEq<T> for Shared<T> {
    fn eq(&self, other: &T) -> bool {
        *self.0 == *other
    }
}

impl<T: Hash> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Pooled + Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}

impl<T: JsonSchema> JsonSchema for Shared<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Pooled for Vec<u32> {
        fn pool() -> &'static Pool<Self> {
            static POOL: Pool<Vec<u32>> = Pool::new();
            &POOL
        }
    }

    fn is_one(one: &Shared<Vec<u32>>, other: &Shared<Vec<u32>>) -> bool {
        Arc::ptr_eq(&one.0, &other.0)
    }

    #[test]
    fn equal_values_are_one_and_a_change_of_one_leaves_the_others() {
        let one: Shared<Vec<u32>> = vec![1, 2].into();
        let read: Shared<Vec<u32>> = serde_json::from_str("[1,2]").unwrap();
        let mut other: Shared<Vec<u32>> = [1, 2].into_iter().collect();
        assert!(is_one(&one, &other) && is_one(&one, &read));
        other.push(3);
        assert_eq!(one, vec![1, 2]);
        assert_eq!(other, vec![1, 2, 3]);
        assert_ne!(one, other);
        other.pop();
        assert!(
            one == other && !is_one(&one, &other),
            "compared by what they hold"
        );
        assert!(
            is_one(&one, &(*other).clone().into()),
            "and shared again when made anew"
        );
        assert_eq!(serde_json::to_string(&one).unwrap(), "[1,2]");
    }

    #[test]
    fn what_nobody_uses_leaves_the_pool() {
        static POOL: LazyLock<Pool<Vec<u32>>> = LazyLock::new(Pool::new);
        let kept = POOL.share(vec![7]);
        for number in 0..10 * FEW {
            POOL.share(vec![u32::try_from(number).unwrap(), 0]);
        }
        let values = POOL.0.lock().unwrap();
        assert!(values.all.len() <= FEW, "{}", values.all.len());
        assert!(values.all.contains(&kept));
        drop(values);
        let many: Vec<_> = (0..3 * FEW).map(|_| POOL.share(vec![9, 9])).collect();
        assert!(many.iter().all(|one| Arc::ptr_eq(one, &many[0])));
    }
}
