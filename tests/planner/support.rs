//! A two-sided world: what manifests want, and a vendor's side that is its twin as after a perfect apply. Tests move
//! one side and look at the plan.
//!
//! Every plan made here is made twice and must come out the same, and goes through the independent audit.

use infield::marketplace::Markets;
use infield::model::attributes::Attributes;
use infield::model::desired::Policy;
use infield::model::live::LiveTemplate;
use infield::model::{
    Address, Answers, Criterion, Desired, DesiredGroup, DesiredSurvey, Field, GroupMember, Intent, Known,
    KnownSurvey, Live, LiveGroup, LiveQuota, LiveSurvey, Quota, Range, Reading, Resource, ResourceKind,
    Status, SurveySpec, VendorId, VendorState,
};
use infield::plan::{Choices, Guard, GuardRules, Inputs, Marketplaces, Plan, Rule, Subject, audit, hash};
use infield::report::{PlanReport, Style, plan_text};
use serde_json::{Value, json};
use std::borrow::Cow;

pub(crate) const PS: VendorId = infield::marketplace::PURESPECTRUM;

/// Settings PureSpectrum takes and does not show (dossier section 14).
pub(crate) const HIDDEN: [&str; 2] = ["external_project_id", "global_flexibility"];

/// Desired, known and live side by side.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) desired: Desired,
    pub(crate) known: Known,
    pub(crate) live: Live,
    pub(crate) guards: GuardRules,
    pub(crate) choices: Choices,
    pub(crate) next_id: u64,
}

impl World {
    /// Nothing wanted, nothing there; default guards; the manifests are the whole project.
    pub(crate) fn new() -> Self {
        infield::marketplace::registry::install();
        Self {
            desired: Desired::default(),
            known: Known::default(),
            live: Live::default(),
            guards: GuardRules::default(),
            choices: Choices {
                whole_project: true,
                ..Choices::default()
            },
            next_id: 1001,
        }
    }

    /// A manifest whose survey does not exist yet.
    pub(crate) fn want(&mut self, name: &str, spec: SurveySpec) -> Address {
        let address = Address::survey(name);
        self.desired
            .surveys
            .insert(address.clone(), DesiredSurvey::new(PS, spec, Policy::default()));
        address
    }

    /// Its manifest says that nothing which is gone was this one.
    pub(crate) fn is_new(&mut self, name: &str) {
        let written = &mut self.desired.renames.written;
        written.insert(Address::survey(name), infield::model::MovedFrom::Nothing);
    }

    /// A manifest with its twin at the vendor and in the state. Without a status it is a draft.
    pub(crate) fn fielded(&mut self, name: &str, spec: SurveySpec) -> Address {
        let address = self.want(name, spec.clone());
        let id = self.next_id.to_string();
        self.next_id += 1;
        let twin = twin(&id, &spec);
        let status = twin.status.unwrap();
        let mut applied = spec;
        applied.status = Field::Set(status);
        self.known.resources.insert(
            address.clone(),
            Resource {
                vendor: PS,
                kind: ResourceKind::Survey(Box::new(KnownSurvey {
                    applied,
                    in_field: status == Status::Live,
                    ..KnownSurvey::default()
                })),
                id,
            },
        );
        self.live.surveys.insert(address.clone(), Reading::Present(twin));
        address
    }

    /// An exclusion group with its twin; the members are those the vendor has.
    pub(crate) fn grouped(&mut self, name: &str, members: &[GroupMember]) -> Address {
        let address = self.want_group(name, members.to_vec());
        let wanted = self.desired.groups[&address].clone();
        let mut ids: Vec<infield::model::MemberId> = members
            .iter()
            .map(|member| match member {
                GroupMember::VendorId(id) => id.clone(),
                GroupMember::Survey(survey) => self.known.resources[survey].id.as_str().into(),
            })
            .collect();
        ids.sort();
        self.live.groups.insert(
            address.clone(),
            Reading::Present(LiveGroup {
                id: wanted.reference.clone(),
                reference: Field::Set(wanted.reference.clone()),
                title: Field::Set(wanted.title.clone()),
                members: Field::Set(ids),
                exclusion_days: Field::shown(wanted.exclusion_days),
            }),
        );
        self.known.resources.insert(
            address.clone(),
            Resource {
                vendor: PS,
                id: wanted.reference.clone(),
                kind: ResourceKind::Group(wanted),
            },
        );
        address
    }

    /// A manifest of an exclusion group that does not exist yet.
    pub(crate) fn want_group(&mut self, name: &str, members: Vec<GroupMember>) -> Address {
        let address = Address::survey(name);
        self.desired.groups.insert(
            address.clone(),
            DesiredGroup {
                vendor: PS,
                reference: format!("acme-{name}"),
                title: format!("Group {name}"),
                members,
                exclusion_days: Some(90),
            },
        );
        let proof = "404".to_owned();
        self.live
            .groups
            .insert(address.clone(), Reading::Absent { proof });
        address
    }

    /// What the manifest wants, to be changed.
    pub(crate) fn spec(&mut self, name: &str) -> &mut SurveySpec {
        &mut self.manifest(name).spec
    }

    /// The manifest, to be changed.
    pub(crate) fn manifest(&mut self, name: &str) -> &mut DesiredSurvey {
        self.desired
            .surveys
            .get_mut(&Address::survey(name))
            .expect("the test wants it")
    }

    /// A wanted quota, to be changed.
    pub(crate) fn quota(&mut self, survey: &str, quota: &str) -> &mut Quota {
        quotas(self.spec(survey))
            .iter_mut()
            .find(|q| q.name == quota)
            .expect("the test wants it")
    }

    /// The vendor's side, to be changed.
    pub(crate) fn seen(&mut self, name: &str) -> &mut LiveSurvey {
        match self.live.surveys.get_mut(&Address::survey(name)) {
            Some(Reading::Present(live)) => live,
            other => panic!("{name} is {other:?}"),
        }
    }

    /// What is remembered, to be changed.
    pub(crate) fn remembered(&mut self, name: &str) -> &mut KnownSurvey {
        match self.known.resources.get_mut(&Address::survey(name)) {
            Some(Resource {
                kind: ResourceKind::Survey(known),
                ..
            }) => known,
            other => panic!("{name} is {other:?}"),
        }
    }

    /// Puts the vendor's side into another status.
    pub(crate) fn at_vendor(&mut self, name: &str, status: Status) {
        let live = self.seen(name);
        live.status = Some(status);
        live.status_text = status.to_string();
        live.spec.status = Field::Set(status);
    }

    /// Puts the vendor's side and our memory into a status, as if we had done it.
    pub(crate) fn left_as(&mut self, name: &str, status: Status) {
        self.at_vendor(name, status);
        let known = self.remembered(name);
        known.applied.status = Field::Set(status);
        known.in_field = status == Status::Live;
    }

    /// Lets respondents complete: so many of the survey, and so many of each named quota.
    pub(crate) fn collected(&mut self, name: &str, total: u64, by_quota: &[(&str, u64)]) {
        let live = self.seen(name);
        live.fielded = Some(total);
        for (quota, fielded) in by_quota {
            let quota = live
                .quotas
                .iter_mut()
                .find(|q| q.name.as_deref() == Some(*quota))
                .expect("the vendor has it");
            quota.fielded = Some(*fielded);
        }
    }

    /// Takes the manifest away.
    pub(crate) fn remove_manifest(&mut self, name: &str) {
        let address = Address::survey(name);
        let gone =
            self.desired.surveys.remove(&address).is_some() || self.desired.groups.remove(&address).is_some();
        assert!(gone, "{name} has a manifest");
    }

    /// Leaves a create without a recorded outcome.
    pub(crate) fn open_intent(&mut self, name: &str) {
        self.known.intents.insert(
            "i-1".to_owned(),
            Intent {
                continues: false,
                address: Address::survey(name),
                vendor: PS,
                step: format!("{name}:create"),
                at: "2026-11-20T09:00:00Z".to_owned(),
                vendor_at: None,
                call: "POST /surveys".to_owned(),
                body: None,
                wanted: SurveySpec::default(),
                hidden: Vec::new(),
                group: None,
                former: Vec::new(),
            },
        );
    }

    /// The templates the account may use.
    pub(crate) fn templates(&mut self, ids: &[u64]) {
        let list = ids
            .iter()
            .map(|id| LiveTemplate {
                id: *id,
                name: format!("Template {id}"),
                ..LiveTemplate::default()
            })
            .collect();
        self.live.templates.insert(PS, Reading::Present(list));
    }

    /// Sets a guard.
    pub(crate) fn guard(&mut self, guard: Guard, rule: Rule) {
        self.guards.set(guard, rule);
    }

    /// Every guard lets everything through.
    pub(crate) fn allow_everything(&mut self) {
        for guard in Guard::ALL {
            self.guard(guard, Rule::Allow);
        }
    }

    /// The plan: made twice, equal both times, and sound in the eyes of the audit.
    pub(crate) fn plan(&self) -> Plan {
        self.plan_at(&Markets::default())
    }

    /// The same at other marketplaces.
    pub(crate) fn plan_at(&self, markets: &dyn Marketplaces) -> Plan {
        self.with_inputs(markets, |inputs| {
            let plan = infield::plan::plan(inputs);
            let again = infield::plan::plan(inputs);
            assert_eq!(
                serde_json::to_string(&PlanReport::from(&plan)).unwrap(),
                serde_json::to_string(&PlanReport::from(&again)).unwrap(),
                "planning twice gives the same bytes"
            );
            assert_eq!(hash::hash(&plan), hash::hash(&again));
            assert_eq!(audit::audit(&plan), Vec::<String>::new(), "{plan:#?}");
            plan
        })
    }

    /// What a plan of this world is made from.
    pub(crate) fn with_inputs<T>(
        &self,
        markets: &dyn Marketplaces,
        look: impl FnOnce(&Inputs<'_>) -> T,
    ) -> T {
        let bare = |reading: &Reading<LiveSurvey>| {
            reading
                .present()
                .is_some_and(|live| live.kept == VendorState::default())
        };
        let mut live = Cow::Borrowed(&self.live);
        if live.surveys.values().chain(live.former.values()).any(bare) {
            let live = live.to_mut();
            for reading in live.surveys.values_mut().chain(live.former.values_mut()) {
                if let Reading::Present(survey) = reading
                    && survey.kept == VendorState::default()
                {
                    survey.kept = VendorState::of(&document(survey));
                }
            }
        }
        look(&Inputs {
            environment: "sandbox",
            desired: &self.desired,
            known: &self.known,
            live: &live,
            guards: &self.guards,
            choices: &self.choices,
            markets,
        })
    }

    /// The plan as people see it, without its last line: the name of a plan changes with every byte of a call.
    pub(crate) fn text(&self) -> String {
        without_name(&plan_text::render(&self.plan(), &Style::default()))
    }

    /// The same with the calls.
    pub(crate) fn text_with_calls(&self) -> String {
        let style = Style {
            show_calls: true,
            ..Style::default()
        };
        without_name(&plan_text::render(&self.plan(), &style))
    }
}

fn without_name(text: &str) -> String {
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("This plan is "))
        .collect();
    kept.join("\n")
}

/// A survey at the vendor as a perfect apply of the spec leaves it.
pub(crate) fn twin(id: &str, spec: &SurveySpec) -> LiveSurvey {
    let status = spec.status.value().copied().unwrap_or(Status::Draft);
    let seen = |field: &Field<String>| match field {
        Field::Absent => Field::Null,
        other => other.clone(),
    };
    let quotas = spec.quotas.value().into_iter().flatten();
    // What a create leaves out comes from a template or a default; the vendor shows a value in any case.
    let mut attributes: Attributes = spec
        .attributes
        .iter()
        .filter(|(key, _)| !HIDDEN.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    for (key, default) in [
        ("category", Field::Set(json!(232))),
        ("buyer_message", Field::Null),
    ] {
        attributes.entry(key.to_owned()).or_insert(default);
    }
    LiveSurvey {
        counts: false,
        id: id.to_owned(),
        status: Some(status),
        status_text: status.to_string(),
        status_reason: None,
        scheduled: None,
        stopped: None,
        performance: None,
        links: Default::default(),
        seen: infield::model::live::Seen::Whole,
        charged: None,
        spec: SurveySpec {
            title: spec.title.clone().or(Field::Set("untitled".to_owned())),
            locale: spec.locale.clone().or(Field::Set("en-US".to_owned())),
            completes: spec.completes.clone().or(Field::Set(100)),
            field_days: spec.field_days.clone().or(Field::Set(10)),
            live_url: seen(&spec.live_url),
            test_url: seen(&spec.test_url),
            cpi: spec.cpi.clone().or(Field::Null),
            template: spec.template.clone().or(Field::Null),
            status: Field::Set(status),
            qualifications: Field::Absent,
            quotas: Field::Absent,
            // No vendor shows whom a list names.
            recontact: Field::Absent,
            exclude_respondents: Field::Absent,
            attributes,
            ..spec.clone()
        },
        quotas: quotas
            .map(|quota| LiveQuota {
                name: Some(quota.name.clone()),
                id: format!("{id}-{}", quota.name),
                completes: quota.completes,
                fielded: Some(0),
                criteria: quota.criteria.clone(),
                nameless: false,
                hidden: false,
            })
            .collect(),
        qualifications: Field::Set(spec.qualifications.value().cloned().unwrap_or_default()),
        fielded: Some(0),
        pending: None,
        changed_by: Default::default(),
        kept: VendorState::default(),
    }
}

/// The vendor's document of a survey, made from what a create would have sent.
pub(crate) fn document(live: &LiveSurvey) -> Value {
    let mut spec = live.spec.clone();
    spec.template = Field::Absent;
    spec.qualifications = live.qualifications.clone();
    spec.quotas = Field::Set(
        live.quotas
            .iter()
            .map(|quota| Quota {
                name: quota.name.clone().unwrap_or_default(),
                completes: quota.completes,
                criteria: quota.criteria.clone(),
            })
            .collect(),
    );
    let subject = Subject {
        address: &Address::survey("document"),
        lexicon: None,
    };
    let markets = Markets::default();
    let calls = markets.of(PS).create(subject, &spec).unwrap();
    let mut document = calls[0].body.as_ref().unwrap().value();
    for (quota, shown) in live.quotas.iter().zip(document["quotas"].as_array_mut().unwrap()) {
        shown["ps_quota_id"] = json!(quota.id);
        if quota.name.is_none() {
            shown.as_object_mut().unwrap().shift_remove("buyer_quota_id");
        }
    }
    document["ps_survey_id"] = json!(live.id.parse::<u64>().unwrap());
    document["ps_survey_status"] = json!(match live.status {
        Some(Status::Draft) => 11,
        Some(Status::Live) => 22,
        Some(Status::Paused) => 33,
        Some(Status::Closed) => 44,
        None => 55,
    });
    if let Field::Set(template) = live.spec.template {
        document["template_id"] = json!(template);
    }
    document
}

/// The quotas of a spec, to be changed.
pub(crate) fn quotas(spec: &mut SurveySpec) -> &mut Vec<Quota> {
    match &mut spec.quotas {
        Field::Set(quotas) => quotas,
        other => panic!("the spec has quotas, not {other:?}"),
    }
}

/// One answer of a choice question. Its codes stand in no table of the vendor, so that snapshots do not depend on the
/// names of the codebook.
pub(crate) fn sex(code: &str) -> Criterion {
    Criterion {
        question: "9001".to_owned(),
        unit: None,
        answers: Answers::codes([code]),
    }
}

/// A range of years (unit 311), of a question outside the codebook too.
pub(crate) fn age(from: i64, to: i64) -> Criterion {
    Criterion {
        question: "9002".to_owned(),
        unit: Some("311".to_owned()),
        answers: Answers::ranges([Range { from, to }]),
    }
}

/// A quota.
pub(crate) fn quota(name: &str, completes: u64, criteria: Vec<Criterion>) -> Quota {
    Quota {
        name: name.to_owned(),
        completes,
        criteria: infield::model::targeting::canonical(criteria),
    }
}

/// A complete survey that wants to be in field: 400 completes at 3.75 USD, two quotas.
pub(crate) fn soda() -> SurveySpec {
    SurveySpec {
        title: Field::Set("Soda tracker, wave 3".to_owned()),
        locale: Field::Set("en-US".to_owned()),
        completes: Field::Set(400),
        incidence_rate: Field::Set("50".parse().unwrap()),
        length_of_interview: Field::Set("5".parse().unwrap()),
        field_days: Field::Set(10),
        cpi: Field::Set("3.75 USD".parse().unwrap()),
        live_url: Field::Set("https://survey.example.com/s/soda?tk=[%%token%%]".to_owned()),
        status: Field::Set(Status::Live),
        qualifications: Field::Set(vec![age(18, 64)].into()),
        quotas: Field::Set(
            vec![
                quota("men", 200, vec![sex("1")]),
                quota("women-18-34", 200, vec![sex("2"), age(18, 34)]),
            ]
            .into(),
        ),
        attributes: [("category".to_owned(), Field::Set(json!(232)))].into(),
        ..SurveySpec::default()
    }
}

/// The same as a draft.
pub(crate) fn draft() -> SurveySpec {
    SurveySpec {
        status: Field::Set(Status::Draft),
        ..soda()
    }
}
