//! What marketplaces share: a marketplace's folder takes from here what fits, and neutral code the words for it.

pub mod accept_list;
pub mod blocks;
pub mod estimates;
pub mod inventory;
pub mod lists;
pub mod naming;
pub mod recognition;
pub mod reconcile;
pub mod rules;
pub mod sample;
