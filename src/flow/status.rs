//! How far what is in field got: what is looked at, and what is thought of it. Reading is left to `refresh`.

use super::Project;
use crate::fieldwork::{Fieldwork, Lens};
use crate::history::Looks;
use crate::model::{Address, Alarms, Known, Level, LiveSurvey, Reading, VendorId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What is fielded by itself, and where: what the manifests want, and what is remembered of them, or of everything where they
/// are the whole project.
pub fn fielded(project: &Project, known: &Known) -> BTreeMap<Address, VendorId> {
    let mut all: BTreeMap<Address, VendorId> = BTreeMap::new();
    for (address, survey) in &project.loaded.desired.surveys {
        all.insert(address.clone(), survey.vendor);
    }
    for (address, resource) in &known.resources {
        let covered = project.loaded.whole_project || all.contains_key(address);
        if resource.survey().is_some() && covered {
            all.insert(address.clone(), resource.vendor);
        }
    }
    all.retain(|address, vendor| Level::of(*vendor, address) != Level::Container);
    all
}

/// What is thought of them by what was read of each, under these limits, with what was seen earlier, at this time.
pub fn judged(
    wanted: BTreeMap<Address, VendorId>,
    known: &Known,
    readings: &mut BTreeMap<Address, Reading<LiveSurvey>>,
    (limits, looks, now): (&Alarms, &Looks, Timestamp),
) -> Vec<Fieldwork> {
    let row = |(address, vendor): (Address, VendorId)| {
        let resource = known.resources.get(&address);
        let survey = resource.and_then(|resource| resource.survey());
        match (resource, survey, readings.remove(&address)) {
            (Some(resource), Some(survey), Some(reading)) => {
                let past = looks.past(&address, &resource.id);
                let lens = Lens {
                    limits,
                    past: &past,
                    now,
                };
                Fieldwork::read(address, vendor, &resource.id, survey, &reading, &lens)
            }
            _ => Fieldwork::unmade(address, vendor),
        }
    };
    wanted.into_iter().map(row).collect()
}
