//! Messages to webhooks: what they say, to whom, and what was told before.
//!
//! [`news`] is what there is to tell, [`message`] what is sent of it, [`told`] what is written down before, so that nothing is
//! told twice.

pub mod message;
pub mod news;
pub mod told;

pub use message::{Message, Turn};
pub use told::{Owed, Told};
