//! Who may be taking part at once, and what they cost if all of them complete.

use super::{Fielding, dearer, open};
use crate::model::Money;
use crate::plan::market::Marketplace;
use rust_decimal::Decimal;

impl Fielding {
    /// What everybody costs who may be taking part, those included who were let in before edits; at this price, or at
    /// theirs if that is higher.
    pub(super) fn at_once(&self, market: &dyn Marketplace, price: Money) -> Option<Money> {
        let left = self.completes(market.codebook())?;
        let own = self.at_least(market, price);
        let cost = |places: u64| Some(own.times(self.let_in(places)?));
        let nothing = Money::zero(own.currency);
        let now = left
            .places
            .iter()
            .try_fold(nothing, |sum, (_, places)| sum.and(cost(*places)?))?;
        let Some((before, anew)) = &self.earlier else {
            return Some(now);
        };
        let Some(inside) = before.at_once(market, price) else {
            return Some(now);
        };
        let all = inside.and(now).unwrap_or(now);
        if *anew {
            return Some(all);
        }
        if left.layer.is_empty() {
            return Some(dearer(inside, now));
        }
        // Of each quota as many as were let in before, or as are let in now: one may shrink while another grows.
        let each = left.places.iter().try_fold(nothing, |sum, (quota, places)| {
            sum.and(dearer(
                before.in_quota(quota.as_deref()?, market, price)?,
                cost(*places)?,
            ))
        });
        Some(each.filter(|each| each.amount < all.amount).unwrap_or(all))
    }

    /// The same of those who belong to a quota.
    fn in_quota(&self, name: &str, market: &dyn Marketplace, price: Money) -> Option<Money> {
        let quota = self
            .quotas
            .iter()
            .find(|quota| quota.name.as_deref() == Some(name))?;
        let own = self.at_least(market, price);
        let now = own.times(self.let_in(open(quota))?);
        let Some((before, anew)) = &self.earlier else {
            return Some(now);
        };
        let inside = before.in_quota(name, market, price)?;
        if *anew {
            inside.and(now)
        } else {
            Some(dearer(inside, now))
        }
    }

    /// This price, or its own if that is higher.
    fn at_least(&self, market: &dyn Marketplace, price: Money) -> Money {
        self.price(market).map_or(price, |own| dearer(own, price))
    }

    /// How many people may take part at once for so many places of a goal or of a quota; `None` where that is not known.
    fn let_in(&self, places: u64) -> Option<u64> {
        let by_incidence = self.vendor.facts().lets_in_by_incidence;
        if !by_incidence.is_known() {
            return None;
        }
        if !by_incidence.holds(&self.spec.attributes) {
            return Some(places);
        }
        let rate = self
            .spec
            .incidence_rate
            .value()
            .filter(|rate| **rate > Decimal::ZERO)?;
        let people = Decimal::from(places)
            .checked_mul(Decimal::ONE_HUNDRED)?
            .checked_div(*rate)?;
        u64::try_from(people.ceil()).ok()
    }
}
