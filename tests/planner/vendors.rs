//! The world at every vendor: a survey of its own, or a group inside one that holds it.

use crate::support::*;
use infield::model::desired::Policy;
use infield::model::lexicon::LexiconQuestion;
use infield::model::{
    Address, Answers, Criterion, DesiredSurvey, Field, KnownSurvey, Lexicon, LiveQuota, LiveSurvey, Money,
    Range, Reading, Resource, ResourceKind, Status, SurveySpec, VendorId,
};
use serde_json::json;

pub(crate) const IMR: VendorId = infield::marketplace::INNOVATEMR;
pub(crate) const CINT: VendorId = infield::marketplace::CINT;

/// The locales whose libraries the world has.
const LOCALES: [&str; 2] = ["en-US", "es-US"];

pub(crate) fn usd(text: &str) -> Money {
    format!("{text} USD").parse().unwrap()
}

/// The address under which a survey is fielded: of itself, or of its group where the vendor has groups.
pub(crate) fn fielded_as(vendor: VendorId, name: &str) -> String {
    if vendor.has_groups() {
        format!("{name}/us")
    } else {
        name.to_owned()
    }
}

/// A range of years, in the form in which the vendor's library knows it.
pub(crate) fn years(vendor: VendorId, from: i64, to: i64) -> Criterion {
    if vendor.has_library() {
        Criterion {
            question: "9002".to_owned(),
            unit: None,
            answers: Answers::ranges([Range { from, to }]),
        }
    } else {
        age(from, to)
    }
}

/// Sets what a complete can cost. Where a ceiling is needed, it is the price, and the offer stays far below it.
pub(crate) fn priced(vendor: VendorId, spec: &mut SurveySpec, price: &str) {
    if vendor == IMR {
        spec.cpi = Field::Set(usd("1.00"));
        spec.max_cpi = Field::Set(usd(price));
    } else {
        spec.cpi = Field::Set(usd(price));
    }
}

/// What is fielded: 100 completes at 4.00 USD, wanted in field.
pub(crate) fn part(vendor: VendorId) -> SurveySpec {
    let mut spec = SurveySpec {
        title: Field::Set("Soda".to_owned()),
        locale: Field::Set("en-US".to_owned()),
        completes: Field::Set(100),
        incidence_rate: Field::Set("50".parse().unwrap()),
        length_of_interview: Field::Set("5".parse().unwrap()),
        live_url: Field::Set("https://survey.example.com/s?tk=[%%token%%]".to_owned()),
        test_url: Field::Set("https://survey.example.com/t".to_owned()),
        status: Field::Set(Status::Live),
        qualifications: Field::Set(vec![years(vendor, 18, 64)].into()),
        ..SurveySpec::default()
    };
    priced(vendor, &mut spec, "4.00");
    if vendor == CINT {
        spec.end = Field::Set("2026-04-15T18:00:00Z".parse().unwrap());
    }
    spec
}

/// What holds groups: a title, and a status where the vendor has one for it.
pub(crate) fn container(vendor: VendorId, status: Status) -> SurveySpec {
    SurveySpec {
        title: Field::Set("Holder".to_owned()),
        status: if vendor.containers_have_status() {
            Field::Set(status)
        } else {
            Field::Absent
        },
        ..SurveySpec::default()
    }
}

/// Something at a vendor as a perfect apply of the spec leaves it.
pub(crate) fn twin_at(vendor: VendorId, id: &str, spec: &SurveySpec) -> LiveSurvey {
    if vendor == PS {
        return twin(id, spec);
    }
    let status = spec.status.value().copied().unwrap_or(Status::Draft);
    let shows_targets = vendor != IMR;
    LiveSurvey {
        id: id.to_owned(),
        status: Some(status),
        status_text: match status {
            Status::Closed => "completed".to_owned(),
            other => other.to_string(),
        },
        spec: SurveySpec {
            status: Field::Set(status),
            qualifications: Field::Absent,
            quotas: Field::Absent,
            ..spec.clone()
        },
        qualifications: if shows_targets {
            spec.qualifications.clone()
        } else {
            Field::Absent
        },
        quotas: quotas_at(id, spec),
        fielded: shows_targets.then_some(0),
        kept: infield::model::VendorState::of(&json!({"run": format!("run-{id}"), "run_etag": "v1"})),
        ..LiveSurvey::default()
    }
}

fn quotas_at(id: &str, spec: &SurveySpec) -> Vec<LiveQuota> {
    let quotas = spec.quotas.value().into_iter().flatten();
    quotas
        .map(|quota| LiveQuota {
            name: Some(quota.name.clone()),
            id: format!("{id}/{}", quota.name),
            completes: quota.completes,
            fielded: Some(0),
            criteria: quota.criteria.clone(),
            nameless: false,
            hidden: false,
        })
        .collect()
}

impl World {
    /// A world in which every library is read.
    pub(crate) fn with_libraries() -> Self {
        let mut world = Self::new();
        let question = LexiconQuestion {
            id: "9002".to_owned(),
            key: "9002".to_owned(),
            text: "How old are you?".to_owned(),
            numeric: true,
            options: Vec::new(),
        };
        let lexicon = Lexicon {
            questions: vec![question],
        };
        for vendor in VendorId::all()
            .iter()
            .copied()
            .filter(|vendor| vendor.has_library())
        {
            for locale in LOCALES {
                let reading = Reading::Present(lexicon.clone());
                world.live.lexicons.insert((vendor, locale.to_owned()), reading);
            }
        }
        world
    }

    /// A manifest at a vendor, of something that does not exist yet.
    pub(crate) fn want_at(&mut self, vendor: VendorId, name: &str, spec: SurveySpec) -> Address {
        let address = Address::survey(name);
        let desired = DesiredSurvey::new(vendor, spec, Policy::default());
        self.desired.surveys.insert(address.clone(), desired);
        address
    }

    /// A manifest at a vendor with its twin there and in the state.
    pub(crate) fn fielded_at(&mut self, vendor: VendorId, name: &str, spec: SurveySpec) -> Address {
        let address = self.want_at(vendor, name, spec.clone());
        let id = self.next_id.to_string();
        self.next_id += 1;
        let twin = twin_at(vendor, &id, &spec);
        let status = twin.status.unwrap();
        let known = KnownSurvey {
            applied: SurveySpec {
                status: Field::Set(status),
                ..spec
            },
            in_field: status == Status::Live,
            ..KnownSurvey::default()
        };
        let resource = Resource {
            vendor,
            kind: ResourceKind::Survey(Box::new(known)),
            id,
        };
        self.known.resources.insert(address.clone(), resource);
        self.live.surveys.insert(address.clone(), Reading::Present(twin));
        address
    }

    /// What holds the groups of a survey, in field as far as it can be. Nothing where the vendor has no groups.
    pub(crate) fn held_at(&mut self, vendor: VendorId, name: &str) {
        if vendor.has_groups() {
            self.fielded_at(vendor, name, container(vendor, Status::Live));
        }
    }
}
