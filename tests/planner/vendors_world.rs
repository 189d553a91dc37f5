//! A two-sided world with all vendors: surveys that hold groups, and one survey that several marketplaces field. The twin
//! at a vendor shows what that vendor shows, and nothing else.
//!
//! As in `support`, every plan made here is made twice and goes through the audit.

use crate::support::{PS, document, twin};
use infield::marketplace::Markets;
use infield::model::desired::Policy;
use infield::model::lexicon::{LexiconOption, LexiconQuestion};
use infield::model::{
    Address, Answers, Criterion, Desired, DesiredSurvey, Field, Intent, Known, KnownSurvey, Level, Lexicon,
    Live, LiveQuota, LiveSurvey, Quota, Reading, Resource, ResourceKind, Status, SurveySpec, VendorId,
};
use infield::plan::{
    Choices, GuardRules, Inputs, Marketplaces as _, Note, Plan, Record, Step, audit, hash, moves::moves,
};
use infield::report::PlanReport;
use serde_json::json;

pub(crate) const IMR: VendorId = infield::marketplace::INNOVATEMR;
pub(crate) const CINT: VendorId = infield::marketplace::CINT;

/// Desired, known and live side by side, at any vendor.
#[derive(Debug, Clone)]
pub(crate) struct VendorsWorld {
    pub(crate) desired: Desired,
    pub(crate) known: Known,
    pub(crate) live: Live,
    pub(crate) guards: GuardRules,
    pub(crate) choices: Choices,
    next_id: u64,
}

impl VendorsWorld {
    /// Nothing wanted, nothing there; default guards; the manifests are the whole project.
    pub(crate) fn new() -> Self {
        infield::marketplace::registry::install();
        let mut live = Live::default();
        for vendor in [IMR, CINT] {
            let library = Reading::Present(library(vendor));
            live.lexicons.insert((vendor, "en-US".to_owned()), library);
        }
        Self {
            desired: Desired::default(),
            known: Known::default(),
            live,
            guards: GuardRules::default(),
            choices: Choices {
                whole_project: true,
                ..Choices::default()
            },
            next_id: 1001,
        }
    }

    /// Something that a manifest wants, and that does not exist yet.
    pub(crate) fn want(&mut self, vendor: VendorId, address: &Address, spec: SurveySpec) {
        let policy = Policy::default();
        let desired = DesiredSurvey::new(vendor, spec, policy);
        self.desired.surveys.insert(address.clone(), desired);
    }

    /// The same with its twin at the vendor and in the state.
    pub(crate) fn fielded(&mut self, vendor: VendorId, address: &Address, spec: SurveySpec) {
        self.want(vendor, address, spec);
        self.field(address);
    }

    /// Carries out what is wanted at an address.
    pub(crate) fn field(&mut self, address: &Address) {
        let DesiredSurvey {
            vendor, spec, policy, ..
        } = self.desired.surveys[address].clone();
        let library = self.live.lexicons.get(&(vendor, "en-US".to_owned()));
        let mut applied = match library.and_then(Reading::present).filter(|_| spec.asks()) {
            Some(library) => Markets::default().of(vendor).resolve(&spec, library).unwrap(),
            None => spec,
        };
        let id = self.next_id.to_string();
        self.next_id += 1;
        let live = seen_at(vendor, Level::of(vendor, address), &id, &applied);
        applied.status = Field::mentioned(live.status);
        let kind = ResourceKind::Survey(Box::new(KnownSurvey {
            in_field: live.status == Some(Status::Live),
            applied,
            policy,
            ..KnownSurvey::default()
        }));
        let resource = Resource { vendor, kind, id };
        self.known.resources.insert(address.clone(), resource);
        self.live.surveys.insert(address.clone(), Reading::Present(live));
    }

    /// Carries out everything that is wanted and does not exist.
    pub(crate) fn field_all(&mut self) {
        let wanted: Vec<Address> = self.desired.surveys.keys().cloned().collect();
        for address in wanted {
            if !self.known.resources.contains_key(&address) {
                self.field(&address);
            }
        }
    }

    /// A survey with groups, all in field, each with a goal of 100.
    pub(crate) fn with_groups(&mut self, vendor: VendorId, survey: &str, groups: &[&str]) {
        self.fielded(vendor, &Address::survey(survey), container(vendor));
        for group in groups {
            self.fielded(vendor, &Address::group(survey, group), fieldable(vendor, 100));
        }
    }

    /// What a manifest wants, to be changed.
    pub(crate) fn wanted(&mut self, address: &Address) -> &mut DesiredSurvey {
        self.desired.surveys.get_mut(address).expect("the test wants it")
    }

    /// The vendor's side, to be changed.
    pub(crate) fn seen(&mut self, address: &Address) -> &mut LiveSurvey {
        match self.live.surveys.get_mut(address) {
            Some(Reading::Present(live)) => live,
            other => panic!("{address} is {other:?}"),
        }
    }

    /// What is remembered, to be changed.
    pub(crate) fn remembered(&mut self, address: &Address) -> &mut KnownSurvey {
        match self
            .known
            .resources
            .get_mut(address)
            .map(|resource| &mut resource.kind)
        {
            Some(ResourceKind::Survey(known)) => known,
            other => panic!("{address} is {other:?}"),
        }
    }

    /// Puts the vendor's side into another status.
    pub(crate) fn at_vendor(&mut self, address: &Address, status: Status) {
        let vendor = self.known.resources[address].vendor;
        let live = self.seen(address);
        live.status = Some(status);
        live.status_text = word(vendor, status);
        live.spec.status = Field::Set(status);
    }

    /// Puts the vendor's side and our memory into a status, as if we had done it.
    pub(crate) fn left_as(&mut self, address: &Address, status: Status) {
        self.at_vendor(address, status);
        let known = self.remembered(address);
        known.applied.status = Field::Set(status);
        known.in_field = status == Status::Live;
    }

    /// Lets respondents complete: so many of all, and so many of each named quota.
    pub(crate) fn collected(&mut self, address: &Address, total: u64, by_quota: &[(&str, u64)]) {
        let live = self.seen(address);
        live.fielded = Some(total);
        for (name, fielded) in by_quota {
            let named = |quota: &&mut LiveQuota| quota.name.as_deref() == Some(*name);
            let quota = live.quotas.iter_mut().find(named).expect("the vendor has it");
            quota.fielded = Some(*fielded);
        }
    }

    /// The vendor does not answer for it.
    pub(crate) fn unread(&mut self, address: &Address) {
        let why = "timeout".to_owned();
        self.live
            .surveys
            .insert(address.clone(), Reading::Unknown { why });
    }

    /// The vendor would not let its status change.
    pub(crate) fn blocked_transition(&mut self, address: &Address) {
        let why = "the run is locked".to_owned();
        self.live.blocked_transitions.insert(address.clone(), why);
    }

    /// Takes the manifest of a survey away, with its groups; the last policies stay remembered.
    pub(crate) fn remove_manifest(&mut self, survey: &str) {
        let before = self.desired.surveys.len();
        self.desired
            .surveys
            .retain(|address, _| address.manifest() != survey);
        assert!(self.desired.surveys.len() < before, "{survey} has a manifest");
    }

    /// Leaves a create without a recorded outcome.
    pub(crate) fn open_intent(&mut self, vendor: VendorId, address: &Address) {
        let intent = Intent {
            continues: false,
            address: address.clone(),
            vendor,
            step: format!("{address}:create"),
            at: "2026-11-20T09:00:00Z".to_owned(),
            vendor_at: None,
            call: "POST /somewhere".to_owned(),
            body: None,
            wanted: SurveySpec::default(),
            hidden: Vec::new(),
            group: None,
            former: Vec::new(),
        };
        self.known.intents.insert("i-1".to_owned(), intent);
    }

    /// The plan: made twice, equal both times, and sound in the eyes of the audit. As in the program, what has another
    /// address by now is looked for under that one.
    pub(crate) fn plan(&self) -> Plan {
        let (mut known, mut live) = (self.known.clone(), self.live.clone());
        let moves = moves(&self.desired, &known, self.choices.whole_project);
        known.rename(&moves);
        let taken: Vec<_> = moves
            .iter()
            .map(|(from, to)| (to, live.surveys.remove(from)))
            .collect();
        for (to, reading) in taken {
            live.surveys.extend(reading.map(|reading| (to.clone(), reading)));
        }
        for (address, reading) in &mut live.surveys {
            if let Reading::Present(survey) = reading
                && known.resources[address].vendor == PS
            {
                survey.kept = infield::model::VendorState::of(&document(survey));
            }
        }
        let inputs = Inputs {
            environment: "sandbox",
            desired: &self.desired,
            known: &known,
            live: &live,
            guards: &self.guards,
            choices: &self.choices,
            markets: &Markets::default(),
        };
        let plan = infield::plan::plan(&inputs);
        let again = infield::plan::plan(&inputs);
        let text = |plan| serde_json::to_string(&PlanReport::from(plan)).unwrap();
        assert_eq!(text(&plan), text(&again));
        assert_eq!(hash::hash(&plan), hash::hash(&again));
        assert_eq!(audit::audit(&plan), Vec::<String>::new(), "{plan:#?}");
        plan
    }
}

/// The names of the steps, in order.
pub(crate) fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

/// The step of this name.
pub(crate) fn step<'p>(plan: &'p Plan, id: &str) -> &'p Step {
    let found = plan.steps.iter().find(|step| step.id == id);
    found.unwrap_or_else(|| panic!("no step {id} in {:?}; {:#?}", ids(plan), plan.notes))
}

/// What the plan says of an address: `blocked: it was not asked for`.
pub(crate) fn said(plan: &Plan, address: &Address) -> Vec<String> {
    let line = |note: &Note| format!("{}: {}", note.kind, note.message);
    plan.notes
        .iter()
        .filter(|note| note.address == *address)
        .map(line)
        .collect()
}

/// The change of a step at a path, before and after.
pub(crate) fn change(step: &Step, path: &str) -> (serde_json::Value, serde_json::Value) {
    let found = step.changes.iter().find(|change| change.path == path);
    let change = found.unwrap_or_else(|| panic!("no {path} in {:#?}", step.changes));
    (change.before.value(), change.after.value())
}

/// What a step has remembered of a survey: the values, and whether it is in field.
pub(crate) fn recorded(record: &Record) -> (&SurveySpec, bool) {
    match record {
        Record::Survey {
            applied, in_field, ..
        } => (applied, *in_field),
        other => panic!("{other:?} is no survey"),
    }
}

/// What a survey that only holds groups wants.
pub(crate) fn container(vendor: VendorId) -> SurveySpec {
    let status = Field::Set(Status::Live);
    SurveySpec {
        title: Field::Set("Soda brands".to_owned()),
        status: if vendor.containers_have_status() {
            status
        } else {
            Field::Absent
        },
        ..SurveySpec::default()
    }
}

/// What is fielded at a vendor, with everything that its launch needs: in field, at 3 USD a complete.
pub(crate) fn fieldable(vendor: VendorId, completes: u64) -> SurveySpec {
    let price = Field::Set("3 USD".parse().unwrap());
    let spec = SurveySpec {
        title: Field::Set("Soda brands".to_owned()),
        locale: Field::Set("en-US".to_owned()),
        completes: Field::Set(completes),
        live_url: Field::Set("https://survey.example.com/s/soda?tk=[%%token%%]".to_owned()),
        test_url: Field::Set("https://survey.example.com/s/soda?test=1".to_owned()),
        status: Field::Set(Status::Live),
        ..SurveySpec::default()
    };
    match vendor.key() {
        "purespectrum" => SurveySpec { cpi: price, ..spec },
        "innovatemr" => SurveySpec {
            max_cpi: price,
            ..spec
        },
        "cint" => SurveySpec {
            cpi: price,
            end: Field::Set("2036-12-15T18:00:00Z".parse().unwrap()),
            ..spec
        },
        other => panic!("the tests know no {other}"),
    }
}

/// A quota of men or of women, in the words of a vendor.
pub(crate) fn gender_quota(vendor: VendorId, name: &str, completes: u64) -> Quota {
    let (question, men, women) = match vendor.key() {
        "purespectrum" => ("9001", "1", "2"),
        "innovatemr" => ("GENDER", "Male", "Female"),
        "cint" => ("43", "1", "2"),
        other => panic!("the tests know no {other}"),
    };
    let answer = match name {
        "men" => men,
        "women" => women,
        other => panic!("nobody knows the gender of {other}"),
    };
    Quota {
        name: name.to_owned(),
        completes,
        criteria: vec![Criterion {
            question: question.to_owned(),
            unit: None,
            answers: Answers::codes([answer]),
        }]
        .into(),
    }
}

/// The part of a vendor's library that tests ask about.
fn library(vendor: VendorId) -> Lexicon {
    let option = |(id, text): (&str, &str)| LexiconOption {
        id: id.to_owned(),
        text: text.to_owned(),
    };
    let question = |id: &str, key: &str, text: &str, options: &[(&str, &str)]| LexiconQuestion {
        id: id.to_owned(),
        key: key.to_owned(),
        text: text.to_owned(),
        numeric: options.is_empty(),
        options: options.iter().copied().map(option).collect(),
    };
    let genders = [("1", "Male"), ("2", "Female")];
    let (age, gender) = match vendor.key() {
        "cint" => ("42", "43"),
        _ => ("AGE", "GENDER"),
    };
    Lexicon {
        questions: vec![
            question("42", age, "AGE", &[]),
            question("43", gender, "GENDER", &genders),
        ],
    }
}

/// A vendor's own word for a status.
fn word(vendor: VendorId, status: Status) -> String {
    match (vendor.key(), status) {
        ("cint", Status::Closed) => "completed".to_owned(),
        (_, status) => status.to_string(),
    }
}

/// What a vendor shows after a perfect apply of a spec, which is in its own codes.
pub(crate) fn seen_at(vendor: VendorId, level: Level, id: &str, spec: &SurveySpec) -> LiveSurvey {
    let status = spec.status.value().copied().unwrap_or(Status::Draft);
    let nothing = || LiveSurvey {
        id: id.to_owned(),
        status: Some(status),
        status_text: word(vendor, status),
        ..LiveSurvey::default()
    };
    match (vendor.key(), level) {
        ("purespectrum", _) => twin(id, spec),
        ("innovatemr", Level::Container | Level::Survey) => LiveSurvey {
            spec: SurveySpec {
                title: spec.title.clone(),
                status: Field::Set(status),
                ..SurveySpec::default()
            },
            ..nothing()
        },
        // Neither prices nor targets nor how many completes there are.
        ("innovatemr", Level::Group) => LiveSurvey {
            spec: SurveySpec {
                cpi: Field::Absent,
                max_cpi: Field::Absent,
                qualifications: Field::Absent,
                quotas: Field::Absent,
                ..spec.clone()
            },
            quotas: live_quotas(spec, None, |quota| (quota.name.clone(), false)),
            ..nothing()
        },
        ("cint", Level::Container | Level::Survey) => LiveSurvey {
            spec: SurveySpec {
                title: spec.title.clone(),
                ..SurveySpec::default()
            },
            status: Some(Status::Draft),
            status_text: "project".to_owned(),
            kept: infield::model::VendorState::of(&json!({"etag": "p-1"})),
            ..nothing()
        },
        ("cint", Level::Group) => LiveSurvey {
            spec: SurveySpec {
                qualifications: Field::Absent,
                quotas: Field::Absent,
                ..spec.clone()
            },
            quotas: live_quotas(spec, Some(0), |quota| (format!("1/{}", quota.name), true)),
            qualifications: Field::Set(spec.qualifications.value().cloned().unwrap_or_default()),
            fielded: Some(0),
            kept: infield::model::VendorState::of(&json!({
                "profiles": [], "run": "run-1", "run_etag": "r-1",
                "run_start": "2026-11-01T09:00:00.000Z", "run_end": "2036-12-15T18:00:00.000Z",
            })),
            ..nothing()
        },
        (other, _) => panic!("the tests know no {other}"),
    }
}

/// Quotas as shown, with what a vendor makes of their ids, and whether it keeps no names.
fn live_quotas(
    spec: &SurveySpec,
    fielded: Option<u64>,
    id: impl Fn(&Quota) -> (String, bool),
) -> Vec<LiveQuota> {
    let quotas = spec.quotas.value().into_iter().flatten();
    quotas
        .map(|quota| {
            let (id, nameless) = id(quota);
            LiveQuota {
                name: Some(quota.name.clone()),
                id,
                completes: quota.completes,
                fielded,
                criteria: quota.criteria.clone(),
                nameless,
                hidden: false,
            }
        })
        .collect()
}
