//! Accept lists: the one kind of call that rejects every complete it does not name.
//!
//! Kept apart from everything else: a type of its own that is no [`Call`](crate::model::Call), a sender of its own, and a
//! command and a guard of their own in front of them. Promises: for one survey, never for a whole account; never an empty
//! list; nothing is repeated by itself; the writer that sends a plan's calls refuses these.

/// A list of the completes of one survey that are accepted, with the number of those that will be rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptList {
    pub(crate) survey: String,
    pub(crate) accepted: Vec<String>,
    pub(crate) key: String,
    rejects: u64,
}

impl AcceptList {
    /// A list for a survey that has `completes`, of which `accepted_completes` are on the list. The key is new for every list
    /// that somebody approves; a vendor that takes one tells a repetition by it. `None` for an empty list, which would reject
    /// everything, and for numbers that contradict each other.
    pub fn new(
        survey: &str,
        accepted: Vec<String>,
        (completes, accepted_completes): (u64, u64),
        key: String,
    ) -> Option<Self> {
        let rejects = completes.checked_sub(accepted_completes)?;
        (!accepted.is_empty()).then(|| Self {
            survey: survey.to_owned(),
            accepted,
            key,
            rejects,
        })
    }

    /// The vendor's id of the survey.
    pub fn survey(&self) -> &str {
        &self.survey
    }

    /// The transactions on the list; never none.
    pub fn transactions(&self) -> &[String] {
        &self.accepted
    }

    /// Completes that the call rejects.
    pub fn rejects(&self) -> u64 {
        self.rejects
    }

    /// Transactions on the list.
    pub fn accepted(&self) -> usize {
        self.accepted.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_and_impossible_numbers_are_no_list() {
        let list = |accepted: &[&str], counts| {
            let accepted = accepted.iter().map(|id| (*id).to_owned()).collect();
            AcceptList::new("1", accepted, counts, "k".to_owned())
        };
        assert_eq!(list(&[], (5, 0)), None);
        assert_eq!(list(&["a"], (0, 1)), None);
        let list = list(&["a"], (5, 1)).unwrap();
        assert_eq!((list.rejects(), list.accepted()), (4, 1));
    }
}
