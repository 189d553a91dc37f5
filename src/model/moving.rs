//! What becomes of what is remembered when names change.

use super::{Address, GroupMember, Known, Move, ResourceKind};
use std::collections::BTreeMap;

impl Known {
    /// Gives resources, and what is open of them, other addresses, all at once: names may change places. What is in the
    /// way and does not move itself is lost, so nothing may be.
    pub fn rename(&mut self, moves: &[Move]) {
        self.stops.follow(moves, &self.resources);
        let gone: Vec<_> = moves
            .iter()
            .map(|(from, to)| (from, to, self.resources.remove(from), self.others.remove(from)))
            .collect();
        for (from, to, resource, others) in gone {
            if let Some(mut resource) = resource {
                if let ResourceKind::Survey(survey) = &mut resource.kind
                    && from.own_name() != to.own_name()
                {
                    survey.moved_from = Some(from.clone());
                }
                self.resources.insert(to.clone(), resource);
            }
            if let Some(ids) = others {
                self.others.entry(to.clone()).or_default().extend(ids);
            }
        }
        let new: BTreeMap<&Address, &Address> = moves.iter().map(|(from, to)| (from, to)).collect();
        for intent in self.intents.values_mut() {
            if let Some(to) = new.get(&intent.address) {
                intent.address = (*to).clone();
            }
        }
        for resource in self.resources.values_mut() {
            let ResourceKind::Group(group) = &mut resource.kind else {
                continue;
            };
            for member in &mut group.members {
                if let GroupMember::Survey(address) = member
                    && let Some(to) = new.get(address)
                {
                    *address = (*to).clone();
                }
            }
            group.members.sort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::PURESPECTRUM;
    use crate::model::{DesiredGroup, KnownSurvey, Resource};

    fn resource(id: &str, kind: ResourceKind) -> Resource {
        Resource {
            vendor: PURESPECTRUM,
            id: id.to_owned(),
            kind,
        }
    }

    #[test]
    fn names_change_places_and_whoever_names_a_member_goes_along() {
        let (tea, soda) = (Address::survey("tea"), Address::survey("soda"));
        let survey = || ResourceKind::Survey(Box::<KnownSurvey>::default());
        let group = |members: [&Address; 1]| {
            ResourceKind::Group(DesiredGroup {
                vendor: PURESPECTRUM,
                reference: "r".to_owned(),
                title: "Drinks".to_owned(),
                members: members.map(|member| GroupMember::Survey(member.clone())).into(),
                exclusion_days: None,
            })
        };
        let mut known = Known::default();
        known.resources.insert(tea.clone(), resource("1", survey()));
        known.resources.insert(soda.clone(), resource("2", survey()));
        known
            .resources
            .insert(Address::survey("drinks"), resource("r", group([&tea])));
        known.rename(&[(tea.clone(), soda.clone()), (soda.clone(), tea.clone())]);
        let facts = |address: &Address| {
            let resource = &known.resources[address];
            (
                resource.id.clone(),
                resource.survey().and_then(|survey| survey.moved_from.clone()),
            )
        };
        assert_eq!(facts(&tea), ("2".to_owned(), Some(soda.clone())));
        assert_eq!(facts(&soda), ("1".to_owned(), Some(tea)));
        assert_eq!(known.resources[&Address::survey("drinks")].kind, group([&soda]));
    }
}
