//! Promises about stages: no survey is told more than the stage that it may stand on, no gate is passed that holds, and a round
//! that nobody approves makes nothing, launches nothing and changes no price.

use super::{Checker, Phase, Write};
use infield::model::Address;
use infield::model::ladder::{Ladder, Then};
use std::collections::BTreeMap;

/// A survey in which so few qualify holds where it asks for more: completes in a hundred who came, at the most.
const FEW: u64 = 20;

/// The ladders of a world, as they are meant.
#[derive(Default)]
pub(crate) struct Ladders {
    /// Each with the highest stage that may be told.
    all: BTreeMap<Address, (Ladder, usize)>,
    /// People who were sent away, by id.
    away: BTreeMap<String, u64>,
    /// The apply under way approves nothing.
    pub(crate) alone: bool,
    /// Times that something was told the counts of a higher stage.
    pub(crate) climbed: usize,
    /// Of these, those in rounds that nobody approved.
    pub(crate) climbed_alone: usize,
}

impl Ladders {
    pub(crate) fn of(ladders: impl Iterator<Item = (Address, Ladder)>) -> Self {
        Self {
            all: ladders.map(|(address, ladder)| (address, (ladder, 0))).collect(),
            ..Self::default()
        }
    }

    /// Somebody asks for a stage.
    pub(crate) fn asked(&mut self, address: &Address, stage: usize) {
        if let Some((_, highest)) = self.all.get_mut(address) {
            *highest = stage.max(*highest);
        }
    }

    /// People are sent away.
    pub(crate) fn sent_away(&mut self, id: &str, people: u64) {
        *self.away.entry(id.to_owned()).or_default() += people;
    }
}

impl Checker {
    /// What a write breaks of that; the first one.
    pub(super) fn climbs(&mut self, write: &Write) -> Option<String> {
        // What was sent by a process that is gone was approved for that one.
        let alone = self.ladders.alone && write.sent_at.is_some();
        if alone && write.makes {
            return Some(format!("{} was made by a round that nobody approved", write.path));
        }
        let (id, before, after) = (write.id.as_ref()?, write.before.as_ref()?, write.after.as_ref()?);
        let fields = |phase: Phase| matches!(phase, Phase::Live | Phase::Launching);
        if alone && before.phase == Phase::Draft && fields(after.phase) {
            return Some(format!("{id} was launched by a round that nobody approved"));
        }
        if alone && before.price != after.price {
            return Some(format!(
                "the price of {id} was changed by a round that nobody approved"
            ));
        }
        let address = self.address_of(id)?.clone();
        let collected = self.market.counted(after);
        let away = self.ladders.away.get(id).copied().unwrap_or_default();
        let few = away > 0 && collected * 100 <= FEW * (collected + away);
        let (ladder, highest) = self.ladders.all.get_mut(&address)?;
        while let (Some(rung), true) = (ladder.rungs.get(*highest), *highest + 1 < ladder.rungs.len()) {
            let goes_on = rung.then == Then::Continue && collected >= rung.completes;
            if !goes_on || (few && !rung.when.is_empty()) {
                break;
            }
            *highest += 1;
        }
        let rung = &ladder.rungs[*highest];
        let raised = after.goal > before.goal;
        if raised && after.goal > Some(rung.completes) {
            return Some(format!(
                "{id} was told {:?} completes, and {} are those of its stage {}",
                after.goal, rung.completes, rung.name
            ));
        }
        for quota in &after.quotas {
            let was = before.quotas.iter().find(|was| was.id == quota.id);
            let most = rung.quotas.get(&quota.name).copied();
            let raised = was.is_some_and(|was| was.wanted < quota.wanted);
            if let Some(most) = most.filter(|most| raised && quota.wanted > *most) {
                return Some(format!(
                    "the quota {} of {id} was told {}, and {most} are those of the stage {}",
                    quota.name, quota.wanted, rung.name
                ));
            }
        }
        if raised {
            self.ladders.climbed += 1;
            self.ladders.climbed_alone += usize::from(alone);
        }
        None
    }
}
