//! Which looks are kept for how long: all of the last two days, then one an hour for thirty days, then one a day for
//! 400 days. Of an hour or a day the last one stays, because it has what was collected by its end.

use super::looks::Looks;
use jiff::{SignedDuration, Timestamp};

/// For how long every look is kept.
pub const EVERYTHING_FOR: SignedDuration = SignedDuration::from_hours(2 * 24);
/// For how long one look an hour is kept.
pub const HOURLY_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// For how long one look a day is kept.
pub const DAILY_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Thins looks out, as of now. The last look at a survey stays for as long as any does.
pub fn thin(looks: &mut Looks, now: Timestamp) {
    looks.retain(|times| {
        let slots: Vec<Option<(i64, i64)>> = times.iter().map(|at| slot(*at, now)).collect();
        let kept = |(index, slot): (usize, &Option<(i64, i64)>)| {
            slot.is_some_and(|slot| slots.get(index + 1) != Some(&Some(slot)))
        };
        slots.iter().enumerate().map(kept).collect()
    });
}

/// What a time shares with the times of which only one stays; none for what is too old.
fn slot(at: Timestamp, now: Timestamp) -> Option<(i64, i64)> {
    let age = now.duration_since(at);
    let every = match age {
        age if age <= EVERYTHING_FOR => return Some((1, i64::try_from(at.as_nanosecond()).ok()?)),
        age if age <= HOURLY_FOR => HOUR,
        age if age <= DAILY_FOR => DAY,
        _ => return None,
    };
    Some((every, at.as_second().div_euclid(every)))
}

#[cfg(test)]
mod tests {
    use super::super::looks::{Counted, Look};
    use super::*;
    use crate::model::Address;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    const NOW: i64 = 1_800_000_000;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn looks(seconds_ago: &BTreeSet<i64>) -> Looks {
        Looks::of(seconds_ago.iter().map(|ago| {
            let counted = Counted {
                id: "7".to_owned(),
                completes: Some(u64::try_from(NOW - ago).unwrap()),
                ..Counted::default()
            };
            Look {
                at: Timestamp::from_second(NOW - ago).unwrap(),
                surveys: BTreeMap::from([(Address::survey("soda"), counted)]),
            }
        }))
    }

    fn ages(looks: &Looks) -> BTreeSet<i64> {
        let points = looks.completes(&Address::survey("soda"), "7");
        points.iter().map(|point| NOW - point.at.as_second()).collect()
    }

    #[test]
    fn each_age_is_thinned_as_it_says() {
        let two_days = 2 * DAY;
        let kept = |given: &[i64]| {
            let mut looks = looks(&given.iter().copied().collect());
            thin(&mut looks, now());
            ages(&looks).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(kept(&[0, 1, two_days]), [0, 1, two_days]);
        // `NOW` is a whole hour: these two are in the same one, and the later one stays.
        assert_eq!(kept(&[two_days + 100, two_days + 200]), [two_days + 100]);
        assert_eq!(kept(&[30 * DAY - HOUR, 30 * DAY]), [30 * DAY - HOUR, 30 * DAY]);
        assert_eq!(kept(&[31 * DAY, 31 * DAY + 2 * HOUR]), [31 * DAY]);
        assert_eq!(kept(&[400 * DAY, 400 * DAY + 1]), [400 * DAY]);
    }

    proptest! {
        /// Thinning again later, as often as one likes, keeps no more than thinning once, and what is left is bounded.
        #[test]
        fn thinning_keeps_the_last_of_each_time_and_a_bounded_number(
            given in prop::collection::btree_set(0..450 * DAY, 0..300),
            later in 0..40 * DAY,
        ) {
            let mut thinned = looks(&given);
            thin(&mut thinned, now());
            let kept = ages(&thinned);
            prop_assert!(kept.is_subset(&given));
            for ago in &given {
                if *ago <= EVERYTHING_FOR.as_secs() {
                    prop_assert!(kept.contains(ago));
                }
                // Nothing of the last 400 days is further than a day from something that stayed, and that is younger.
                let near = kept.range(ago - DAY..=*ago).next().is_some();
                prop_assert!(near || *ago > DAILY_FOR.as_secs(), "{ago}");
            }
            let older = kept.iter().filter(|ago| **ago > EVERYTHING_FOR.as_secs()).count();
            prop_assert!(older <= 28 * 24 + 370 + 4);
            let mut again = thinned.clone();
            thin(&mut again, now());
            prop_assert_eq!(&again, &thinned);
            let later = now() + SignedDuration::from_secs(later);
            let mut at_once = looks(&given);
            thin(&mut at_once, later);
            thin(&mut again, later);
            prop_assert_eq!(again, at_once);
        }
    }
}
