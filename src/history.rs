//! What was done and what was seen, beside the state: `infield.history/1`.
//!
//! `record` the lines · `who` does it · `values` that are remembered, and what differs between two states · `looks`
//! counters of surveys as they were seen, and how they came on · `thin` which looks are kept for how long · `replay` plans
//! that can be shown again · `spend` what completes cost in some time · `blame` who is behind a value · `keep` all of it in its place.
//!
//! Promises: a memory and no authority. No plan reads it; what is damaged or missing is passed over and said once; what
//! cannot be written fails nothing.

mod blame;
mod keep;
mod looks;
mod record;
mod replay;
mod spend;
mod thin;
mod values;
mod who;

pub use blame::{Blame, Blamed, Since, Whence};
pub use keep::{Hide, Place, Problem};
pub use looks::{Counted, Look, Looks, Point};
pub use record::{
    Approved, Did, End, Ending, Fate, Format, How, Line, Moved, Outcome, Remembered, Run, StepEnd,
};
pub use replay::{Kept, REPLAYS};
pub use spend::{Gap, Lives, Period, Spent, spent};
pub use thin::{DAILY_FOR, EVERYTHING_FOR, HOURLY_FOR, thin};
pub use values::{Values, decided, differences, values};
pub use who::By;
