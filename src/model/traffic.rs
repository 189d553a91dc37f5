//! What it takes to speak to a marketplace: how fast it is asked, and how many requests reading is. Facts of its folder.

/// How fast a marketplace may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Requests a second; `None` for no limit of ours.
    pub requests_per_second: Option<u32>,
    /// Requests under way at once.
    pub concurrency: usize,
}

/// What is known of the requests at a marketplace.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    /// How fast it is asked where `infield.yaml` says nothing.
    pub pace: Pace,
    /// Why so fast: the source of a limit, or that there is none.
    pub why: &'static str,
    /// Requests that it takes to read one survey or group, at most.
    pub to_read_one: usize,
    /// Where many are read by the pages of lists.
    pub lists: Option<Lists>,
}

impl Traffic {
    /// What nobody has said anything about.
    pub const UNKNOWN: Self = Self {
        pace: Pace {
            requests_per_second: Some(5),
            concurrency: 2,
        },
        why: "nobody has said how fast it may be asked",
        to_read_one: 1,
        lists: None,
    };
}

/// Lists that show surveys as a read of each of them would.
#[derive(Debug, Clone, Copy)]
pub struct Lists {
    /// From how many on they are read.
    pub from: usize,
    /// How many a page holds.
    pub page: usize,
}
