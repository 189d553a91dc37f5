//! The reconciliation beside its code: lists and facts by hand, a vendor that answers from a script, ledgers that can
//! fail, a lock that can be lost.

mod facts;
mod lists;
mod names;
mod plans;
mod results;
mod singles;
mod surveys;
mod troubles;
mod uploads;
mod vendor;
mod world;
