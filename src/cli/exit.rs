//! Every exit code of the program, and the one place that decides between them.

/// How the program ends. The numbers are a contract with scripts and pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done,
    /// A bad manifest, a vendor's error, or a file that cannot be read or written.
    Failed,
    /// `plan --detailed-exitcode`, `fmt --check`, `fmt --diff`: there are changes.
    ChangesPending,
    /// A guard, a rule or a missing approval refused something; everything else was done.
    Refused,
    /// An apply did some of its steps and not others.
    AppliedInPart,
    /// The state is locked by somebody else, or the plan is not the one that was approved.
    LockedOrStale,
    /// Wrong usage of the command line.
    Usage,
}

impl Exit {
    /// Every code with its meaning, in numeric order, for the documentation.
    pub const TABLE: [(Self, &'static str); 7] = [
        (Self::Done, "done, or nothing to do"),
        (Self::Failed, "error: a bad manifest, a vendor, a file"),
        (
            Self::ChangesPending,
            "changes pending (`plan --detailed-exitcode`, `fmt --check`, `fmt --diff`)",
        ),
        (
            Self::Refused,
            "a guard or a rule refused something, or an approval was missing; the rest was done",
        ),
        (Self::AppliedInPart, "applied in part"),
        (Self::LockedOrStale, "state locked, or plan stale"),
        (Self::Usage, "wrong usage"),
    ];

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::ChangesPending => 2,
            Self::Refused => 3,
            Self::AppliedInPart => 4,
            Self::LockedOrStale => 5,
            Self::Usage => 64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_complete() {
        let codes: Vec<u8> = Exit::TABLE.iter().map(|(exit, _)| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 64]);
    }
}
