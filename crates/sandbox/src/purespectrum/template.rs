//! Templates: who may use which, and what one puts into a survey (vendor wiki 2499411993).
//!
//! The checks come in the vendor's order, 1018 then 1006; 1014 follows where a survey exists.

use super::envelope::{NO_TEMPLATE, NO_TEMPLATE_FEATURE};
use super::field::sent;
use super::prelude::*;
use super::targeting::{Qualification, dimension};
use crate::json::apportion;

/// A template as the sandbox is seeded with it.
#[derive(Debug, Deserialize)]
pub(super) struct Template {
    pub(super) id: i64,
    folder: String,
    name: String,
    title: String,
    owner: u64,
    shared_with: Vec<u64>,
    #[serde(default)]
    vendor_made: bool,
    pub(super) survey: Map<String, Value>,
    qualifications: Vec<Qualification>,
    /// The template's quotas as they are, for a survey that already has it.
    pub(super) quotas: Vec<QuotaInput>,
}

#[derive(Deserialize)]
struct Seed {
    templates: Vec<Template>,
}

static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let seed: Seed = serde_json::from_str(include_str!("templates.json"))
        .expect("the templates file is compiled in and tested");
    seed.templates
});

impl Template {
    fn is_usable(&self) -> bool {
        self.vendor_made || self.owner == OWN_ACCOUNT || self.shared_with.contains(&OWN_ACCOUNT)
    }

    /// Returns the template's quotas scaled so that each dimension sums to `completes`.
    ///
    /// Scaling is read off the one sample there is; the rounding by largest remainder is assumed.
    pub(super) fn quotas_scaled(&self, completes: u64) -> Vec<QuotaInput> {
        let mut quotas = self.quotas.clone();
        let mut dimensions: BTreeMap<BTreeSet<i64>, Vec<usize>> = BTreeMap::new();
        for (index, quota) in quotas.iter().enumerate() {
            dimensions
                .entry(dimension(&quota.criteria))
                .or_default()
                .push(index);
        }
        for members in dimensions.values() {
            let shares = members.iter().map(|at| Decimal::from(quotas[*at].required));
            let shares: Vec<Decimal> = shares.collect();
            let sum: Decimal = shares.iter().sum();
            if sum.is_zero() {
                continue;
            }
            for (at, count) in members.iter().zip(apportion(completes, &shares, sum)) {
                quotas[*at].required = count;
            }
        }
        quotas
    }

    /// Adds the template's qualifications to a survey's own, which win.
    pub(super) fn qualifications_beside(&self, own: &mut Vec<Qualification>) {
        for theirs in &self.qualifications {
            if own.iter().all(|ours| ours.code != theirs.code) {
                own.push(theirs.clone());
            }
        }
    }
}

/// The templates of the account, which may lack the feature.
fn usable(world: &World) -> Result<impl Iterator<Item = &'static Template>, Failure> {
    if !world.is_on(switches::TEMPLATE_FEATURE) {
        return Err(NO_TEMPLATE_FEATURE.into());
    }
    Ok(TEMPLATES.iter().filter(|template| template.is_usable()))
}

/// Finds the template a body names: `None` when it names none, a refusal when it may not.
pub(super) fn wanted(world: &World, body: &Map<String, Value>) -> Result<Option<&'static Template>, Failure> {
    if body.field("template_id").is_none() {
        return Ok(None);
    }
    let mut usable = usable(world)?;
    let id: Option<i64> = sent(body, "template_id")?;
    let template = usable.find(|template| Some(template.id) == id);
    Ok(Some(template.ok_or(NO_TEMPLATE)?))
}

/// `GET /templates`
pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let in_full = call.parameter("UI") == Some("1");
    let mut folders: Vec<(&str, Vec<Value>)> = Vec::new();
    for template in usable(world)? {
        let mut shown = json!({"id": template.id, "name": template.name, "title": template.title});
        if in_full {
            shown["owner"] = json!(template.owner);
            shown["shared_with"] = json!(template.shared_with);
            shown["isOwner"] = json!(template.owner == OWN_ACCOUNT);
            shown["is_service_buyer"] = json!(false);
        }
        match folders.iter_mut().find(|(name, _)| *name == template.folder) {
            Some((_, templates)) => templates.push(shown),
            None => folders.push((&template.folder, vec![shown])),
        }
    }
    let shown = |(folder, templates)| json!({"folder": folder, "templates": templates});
    ok(&folders.into_iter().map(shown).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_sum_to_the_total() {
        for (shares, total, parts) in [
            (&[15, 20, 20, 20, 10, 15][..], 20, &[3, 4, 4, 4, 2, 3][..]),
            (&[50, 50], 5, &[3, 2]),
            (&[33, 33, 34], 100, &[33, 33, 34]),
            (&[1, 1, 1], 100, &[34, 33, 33]),
        ] {
            let shares: Vec<Decimal> = shares.iter().copied().map(Decimal::from).collect();
            assert_eq!(apportion(total, &shares, shares.iter().sum()), parts);
        }
    }

    #[test]
    fn every_seeded_template_is_well_formed() {
        for template in TEMPLATES.iter() {
            for quota in template.quotas.clone() {
                assert!(quota.checked().is_ok());
            }
            let scaled = template.quotas_scaled(100);
            assert_eq!(scaled.len(), template.quotas.len());
        }
        assert!(TEMPLATES.iter().all(|template| template.id != 100));
    }
}
