//! Random projects, and people who keep changing their minds.

use crate::random::Random;
use infield::model::desired::{OnExternalPause, OnRemove, OnTemplateChange, Policy};
use infield::model::{
    Address, Answers, Criterion, Desired, DesiredGroup, DesiredSurvey, Field, GroupMember, Money, Quota,
    Quotas, Range, Status, SurveySpec,
};
use serde_json::json;

/// A project of one to six surveys, or of more than twenty, some of them equal.
pub(super) fn project(random: &mut Random, large: bool) -> Desired {
    let mut desired = Desired::default();
    if large {
        let count = usize::try_from(random.between(21, 26)).expect("small");
        while desired.surveys.len() < count {
            add(random, &mut desired, 60);
        }
    } else {
        for _ in 0..*random.pick(&[1, 2, 2, 3, 4, 6]) {
            add(random, &mut desired, 9);
        }
    }
    if random.percent(30) {
        group(random, &mut desired);
    }
    desired
}

fn add(random: &mut Random, desired: &mut Desired, names: u64) {
    let name = Address::survey(format!("s{}", random.between(1, names)));
    if desired.surveys.contains_key(&name) {
        return;
    }
    let others: Vec<DesiredSurvey> = desired.surveys.values().cloned().collect();
    let survey = if !others.is_empty() && random.percent(35) {
        random.pick(&others).clone()
    } else {
        survey(random)
    };
    desired.surveys.insert(name, survey);
}

fn survey(random: &mut Random) -> DesiredSurvey {
    let template = random.percent(20).then(|| *random.pick(&[15_u64, 5]));
    let full = template.is_none();
    let mut spec = SurveySpec {
        title: Field::Set(format!("Wave {}", random.between(1, 3))),
        completes: Field::Set(random.between(10, 60)),
        cpi: price(random),
        live_url: Field::Set("https://survey.example.com/s".to_owned()),
        status: status(random),
        template: Field::mentioned(template),
        quotas: quotas(random, full),
        ..SurveySpec::default()
    };
    if full {
        spec.locale = Field::Set("en-US".to_owned());
        spec.incidence_rate = Field::Set(50.into());
        spec.length_of_interview = Field::Set(5.into());
        spec.field_days = Field::Set(10);
        spec.attributes
            .insert("category".to_owned(), Field::Set(json!(232)));
    }
    if random.percent(30) {
        spec.test_url = Field::Set("https://survey.example.com/t".to_owned());
    }
    if full && random.percent(50) {
        spec.qualifications = Field::Set(vec![codes("211", &["111", "112"]), ages(18, 64)].into());
    }
    if random.percent(15) {
        spec.attributes
            .insert("data_quality".to_owned(), Field::Set(json!(true)));
    }
    if random.percent(10) {
        spec.attributes
            .insert("global_flexibility".to_owned(), Field::Set(json!(66)));
    }
    if random.percent(5) {
        spec.live_url = Field::Absent;
    }
    DesiredSurvey {
        vendor: infield::marketplace::PURESPECTRUM,
        spec,
        moved_quotas: infield::model::desired::MovedQuotas::new(),
        ladder: None,
        policy: policy(random),
    }
}

/// Fills in what the vendor wants of a survey that no template stands behind.
fn complete(spec: &mut SurveySpec) {
    spec.locale = Field::Set("en-US".to_owned());
    spec.incidence_rate = Field::Set(50.into());
    spec.length_of_interview = Field::Set(5.into());
    spec.field_days = Field::Set(10);
    let category = Field::Set(json!(232));
    spec.attributes.insert("category".to_owned(), category);
}

fn policy(random: &mut Random) -> Policy {
    Policy {
        on_fixed_change: Default::default(),
        on_template_change: *random.pick(&[OnTemplateChange::Refuse, OnTemplateChange::Replace]),
        on_external_pause: *random.pick(&[OnExternalPause::Report, OnExternalPause::Resume]),
        on_remove: *random.pick(&[OnRemove::Forget, OnRemove::Pause, OnRemove::Close]),
        ..Policy::default()
    }
}

fn status(random: &mut Random) -> Field<Status> {
    match random.between(0, 19) {
        0..=10 => Field::Set(Status::Live),
        11..=14 => Field::Set(Status::Draft),
        15..=17 => Field::Set(Status::Paused),
        18 => Field::Set(Status::Closed),
        _ => Field::Absent,
    }
}

fn price(random: &mut Random) -> Field<Money> {
    match random.between(0, 9) {
        0 => Field::Null,
        1 => Field::Absent,
        _ => {
            let cents = random.between(100, 500);
            let text = format!("{}.{:02} USD", cents / 100, cents % 100);
            Field::Set(text.parse().expect("a price"))
        }
    }
}

fn codes(question: &str, codes: &[&str]) -> Criterion {
    Criterion {
        question: question.to_owned(),
        unit: None,
        answers: Answers::codes(codes.iter().copied()),
    }
}

fn ages(from: u64, to: u64) -> Criterion {
    let end = |age: u64| i64::try_from(age).expect("an age");
    Criterion {
        question: "212".to_owned(),
        unit: Some("311".to_owned()),
        answers: Answers::ranges([Range {
            from: end(from),
            to: end(to),
        }]),
    }
}

fn quota(name: &str, completes: u64, criteria: Vec<Criterion>) -> Quota {
    Quota {
        name: name.to_owned(),
        completes,
        criteria: criteria.into(),
    }
}

/// Quotas over gender, over age, or over both; a template brings ages of its own.
fn quotas(random: &mut Random, with_ages: bool) -> Field<Quotas> {
    let mut count = || random.between(2, 20);
    let (a, b, border) = (count(), count(), 20 + count());
    let genders = [
        quota("men", a, vec![codes("211", &["111"])]),
        quota("women", b, vec![codes("211", &["112"])]),
    ];
    let kinds = if with_ages { 4 } else { 2 };
    match random.between(0, kinds) {
        0 => Field::Absent,
        1 => Field::Set(genders.to_vec().into()),
        2 => Field::Set(genders[..1].to_vec().into()),
        3 => Field::Set(
            vec![
                quota("young", a, vec![ages(18, border)]),
                quota("old", b, vec![ages(border + 1, 64)]),
            ]
            .into(),
        ),
        _ => Field::Set(
            vec![
                quota("young-men", a, vec![codes("211", &["111"]), ages(18, border)]),
                quota("young-women", b, vec![codes("211", &["112"]), ages(18, border)]),
            ]
            .into(),
        ),
    }
}

fn group(random: &mut Random, desired: &mut Desired) {
    let members: Vec<GroupMember> = desired
        .surveys
        .keys()
        .filter(|_| random.percent(60))
        .map(|address| GroupMember::Survey(address.clone()))
        .collect();
    let group = DesiredGroup {
        vendor: infield::marketplace::PURESPECTRUM,
        reference: "acme_ring".to_owned(),
        title: format!("Ring {}", random.between(1, 3)),
        members,
        exclusion_days: Some(random.between(30, 60)),
    };
    desired.groups.insert(Address::survey("ring"), group);
}

/// Changes a few manifests.
pub(super) fn edit(random: &mut Random, desired: &mut Desired, told: &mut dyn FnMut(String)) {
    for _ in 0..random.between(0, 3) {
        let names: Vec<Address> = desired.surveys.keys().cloned().collect();
        if names.is_empty() || random.percent(10) {
            add(random, desired, 9);
            continue;
        }
        let name = random.pick(&names).clone();
        if random.percent(8) && names.len() > 1 {
            desired.surveys.remove(&name);
            for group in desired.groups.values_mut() {
                group
                    .members
                    .retain(|member| *member != GroupMember::Survey(name.clone()));
            }
            told(format!("manifest {name} removed"));
            continue;
        }
        if random.percent(6) {
            group(random, desired);
            told("the group is changed".to_owned());
            continue;
        }
        let survey = desired.surveys.get_mut(&name).expect("just picked");
        let what = edit_survey(random, survey);
        told(format!("manifest {name}: {what}"));
    }
}

fn edit_survey(random: &mut Random, survey: &mut DesiredSurvey) -> String {
    let spec = &mut survey.spec;
    let full = spec.template.value().is_none();
    match random.between(0, 15) {
        0 | 1 => {
            spec.cpi = price(random);
            format!("price {:?}", spec.cpi.value().map(ToString::to_string))
        }
        2 | 3 => {
            spec.completes = Field::Set(random.between(5, 60));
            format!("completes {:?}", spec.completes)
        }
        4 | 5 => match &mut spec.quotas {
            Field::Set(quotas) if !quotas.is_empty() => {
                let index = usize::try_from(random.next() % quotas.len() as u64).expect("small");
                quotas[index].completes = random.between(1, 25);
                format!("quota {} = {}", quotas[index].name, quotas[index].completes)
            }
            _ => "nothing".to_owned(),
        },
        6 | 7 => {
            spec.quotas = quotas(random, full);
            "other quotas".to_owned()
        }
        8 => {
            spec.title = Field::Set(format!("Wave {}", random.between(1, 3)));
            format!("title {:?}", spec.title)
        }
        9..=11 => {
            spec.status = status(random);
            format!("status {:?}", spec.status)
        }
        12 => {
            spec.template = match random.between(0, 2) {
                0 => Field::Absent,
                1 => Field::Set(15),
                _ => Field::Set(5),
            };
            if spec.template.value().is_some() {
                spec.quotas = quotas(random, false);
                spec.qualifications = Field::Absent;
            } else {
                complete(spec);
            }
            survey.policy = policy(random);
            format!("template {:?}", survey.spec.template)
        }
        13 => {
            spec.test_url = Field::Null;
            "no test url".to_owned()
        }
        14 => {
            let quality = random.percent(50);
            spec.attributes
                .insert("data_quality".to_owned(), Field::Set(json!(quality)));
            format!("data quality {quality}")
        }
        _ => {
            let border = random.between(20, 60);
            if full {
                spec.qualifications =
                    Field::Set(vec![codes("211", &["111", "112"]), ages(18, border + 4)].into());
            }
            "other qualifications".to_owned()
        }
    }
}
