//! Whose surveys Cint is asked about.

use super::assumptions::Assumptions;

/// The pure half of Cint: the account that its paths name, and what is assumed.
#[derive(Debug, Clone)]
pub struct Cint {
    /// Number of the account.
    pub account: u64,
    /// What no document says.
    pub assumptions: Assumptions,
}

impl Default for Cint {
    /// The account of the sandbox.
    fn default() -> Self {
        Self {
            account: 1,
            assumptions: Assumptions::default(),
        }
    }
}
