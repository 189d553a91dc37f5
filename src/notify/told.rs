//! What was told: written down before anything is sent, so that a message that may have arrived is never sent again.

use super::message::Message;
use crate::model::Address;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most messages that are owed; the oldest ones go first.
const MOST_OWED: usize = 50;

/// What was told so far. Each one takes the place of the one before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The verdict that was told last of each survey, by its word.
    #[serde(default)]
    pub verdicts: BTreeMap<Address, String>,
    /// Messages of which some hook is certain not to have got anything.
    #[serde(default)]
    pub owed: Vec<Owed>,
}

/// A message that did not go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// The message.
    pub message: Message,
    /// The variables of the hooks that did not get it.
    pub hooks: BTreeSet<String>,
}

impl Told {
    /// The number that is part of a name, and the name of the next one.
    pub fn next_after(names: &[String]) -> (Option<&String>, String) {
        let number = |name: &String| name.strip_suffix(".json")?.parse::<u64>().ok();
        let last = names.iter().filter_map(|name| Some((number(name)?, name))).max();
        let next = last.map_or(1, |(number, _)| number.saturating_add(1));
        (last.map(|(_, name)| name), format!("{next:010}.json"))
    }

    /// The surveys whose verdict is another one than was told: what was told of each. Surveys that nothing was told of are
    /// among them where somebody should look at them.
    pub fn turned<'a>(
        &self,
        now: impl Iterator<Item = (&'a Address, &'a str, bool)>,
    ) -> Vec<(&'a Address, Option<String>)> {
        now.filter_map(|(address, verdict, needs_a_look)| {
            let before = self.verdicts.get(address);
            let turned = match before {
                Some(before) => before != verdict,
                None => needs_a_look,
            };
            turned.then(|| (address, before.cloned()))
        })
        .collect()
    }

    /// Owes a message to these hooks.
    pub fn owe(&mut self, message: &Message, hooks: BTreeSet<String>) {
        if hooks.is_empty() {
            return;
        }
        self.owed.push(Owed {
            message: message.clone(),
            hooks,
        });
        let surplus = self.owed.len().saturating_sub(MOST_OWED);
        self.owed.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_counts_whatever_else_lies_there() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(Told::next_after(&[]), (None, "0000000001.json".to_owned()));
        let there = names(&[
            "0000000009.json",
            "0000000010.json",
            "notes.txt",
            "0000000002.json",
        ]);
        let (last, next) = Told::next_after(&there);
        assert_eq!(
            (last.unwrap().as_str(), next.as_str()),
            ("0000000010.json", "0000000011.json")
        );
    }

    #[test]
    fn a_verdict_is_told_when_it_turns_and_a_new_one_when_it_needs_a_look() {
        let address = |name: &str| Address::survey(name);
        let (slow, well, new, late) = (address("slow"), address("well"), address("new"), address("late"));
        let mut told = Told::default();
        told.verdicts.insert(slow.clone(), "slow".to_owned());
        told.verdicts.insert(well.clone(), "on track".to_owned());
        let now = [
            (&slow, "slow", true),
            (&well, "slow", true),
            (&new, "on track", false),
            (&late, "stalled", true),
        ];
        let turned = told.turned(now.into_iter());
        assert_eq!(turned, [(&well, Some("on track".to_owned())), (&late, None)]);
        // What is well again is news too.
        let turned = told.turned([(&slow, "on track", false)].into_iter());
        assert_eq!(turned, [(&slow, Some("slow".to_owned()))]);
    }
}
