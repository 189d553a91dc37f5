//! Where the values of a survey stand: in its document, in a matrix or block of it, or in the defaults of a folder.
//!
//! Promises: a pointer into what is read leads to the text that somebody wrote.

use std::collections::BTreeMap;

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The defaults it comes from; `None` for the document itself.
    pub(crate) layer: Option<usize>,
    /// The pointer there.
    pub(crate) pointer: String,
}

/// The values of an expanded survey that stand elsewhere, by their pointers in it; those below one stand with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// Says that a value comes from somewhere else.
    pub(crate) fn put(&mut self, pointer: String, layer: Option<usize>, from: String) {
        let origin = Origin { layer, pointer: from };
        self.0.insert(pointer, origin);
    }

    /// Where a value was written.
    pub(crate) fn of(&self, pointer: &str) -> Origin {
        let mut end = pointer.len();
        loop {
            if let Some(origin) = self.0.get(&pointer[..end]) {
                return Origin {
                    layer: origin.layer,
                    pointer: format!("{}{}", origin.pointer, &pointer[end..]),
                };
            }
            match pointer[..end].rfind('/') {
                Some(slash) if end > 0 => end = slash,
                _ => break,
            }
        }
        Origin {
            layer: None,
            pointer: pointer.to_owned(),
        }
    }

    /// Follows a value that is moved within the survey.
    pub(crate) fn carry(&mut self, from: &str, to: &str) {
        let base = self.of(from);
        let below = |pointer: &str, top: &str| {
            let rest = pointer.strip_prefix(top);
            rest.filter(|rest| rest.starts_with('/')).map(str::to_owned)
        };
        let moved: Vec<(String, Origin)> = self
            .0
            .iter()
            .filter_map(|(pointer, origin)| Some((format!("{to}{}", below(pointer, from)?), origin.clone())))
            .collect();
        self.0
            .retain(|pointer, _| pointer != to && below(pointer, to).is_none());
        self.0.insert(to.to_owned(), base);
        self.0.extend(moved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_a_moved_value_stands_with_it() {
        let mut origins = Origins::default();
        origins.put(
            "/cint/quotas".to_owned(),
            None,
            "/matrix/market/1/quotas".to_owned(),
        );
        origins.carry("/cint/quotas", "/quotas");
        assert_eq!(
            origins.of("/quotas/0/name").pointer,
            "/matrix/market/1/quotas/0/name"
        );
        assert_eq!(origins.of("/quotas").pointer, "/matrix/market/1/quotas");
        assert_eq!(origins.of("/quotas2").pointer, "/quotas2");
        assert_eq!(origins.of("").pointer, "");
        origins.carry("/purespectrum/quotas", "/quotas");
        assert_eq!(origins.of("/quotas/0").pointer, "/purespectrum/quotas/0");
    }
}
