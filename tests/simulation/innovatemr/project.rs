//! Random projects of jobs and groups, and people who keep changing their minds.

use crate::random::Random;
use infield::model::desired::{OnExternalPause, OnRemove, OnTemplateChange, Policy};
use infield::model::{
    Address, Answers, Criteria, Criterion, Desired, DesiredSurvey, Field, Money, Quota, Quotas, Range,
    Status, SurveySpec,
};
use serde_json::{Value, json};

const LETTERS: [&str; 3] = ["a", "b", "c"];

/// A project of one to three jobs, or of more than ten, with one to three groups each.
pub(super) fn project(random: &mut Random, large: bool) -> Desired {
    let mut desired = Desired::default();
    let (most, names) = if large {
        (10, 60)
    } else {
        (*random.pick(&[1, 1, 2, 2, 3]), 6)
    };
    for _ in 0..most {
        add_job(random, &mut desired, names);
    }
    tidy(&mut desired);
    desired
}

fn add_job(random: &mut Random, desired: &mut Desired, names: u64) {
    let name = format!("s{}", random.between(1, names));
    let address = Address::survey(name.as_str());
    if desired.surveys.contains_key(&address) {
        return;
    }
    // Two jobs of one title cannot be told apart: rare, and refused.
    let title = if random.percent(5) {
        "Twin".to_owned()
    } else {
        format!("Lift {name}")
    };
    let mut spec = SurveySpec {
        title: Field::Set(title),
        status: status(random),
        ..SurveySpec::default()
    };
    if random.percent(70) {
        set(&mut spec, "category", json!(random.between(1, 43)));
    }
    desired.surveys.insert(address, part(random, spec));
    for letter in &LETTERS[..usize::try_from(random.between(1, 3)).expect("small")] {
        add_group(random, desired, &name, letter);
    }
}

fn add_group(random: &mut Random, desired: &mut Desired, job: &str, letter: &str) {
    let mut spec = SurveySpec {
        title: Field::Set(format!("Group {letter} of {job}")),
        locale: Field::Set((*random.pick(&["en-US", "en-US", "de-DE"])).to_owned()),
        completes: Field::Set(random.between(10, 60)),
        incidence_rate: Field::Set(50.into()),
        length_of_interview: Field::Set(5.into()),
        max_cpi: price(random, 300, 500),
        live_url: Field::Set("https://survey.example.com/s?tk=[%%token%%]&pid=[%%pid%%]".to_owned()),
        status: status(random),
        qualifications: qualifications(random),
        quotas: quotas(random),
        ..SurveySpec::default()
    };
    if random.percent(40) {
        spec.cpi = price(random, 100, 300);
    }
    if random.percent(50) {
        spec.test_url = Field::Set("https://survey.example.com/t".to_owned());
    }
    for (key, values) in [
        ("device_type", [json!(3), json!(4)]),
        ("note", [json!("first"), json!("second")]),
        ("priority", [json!(1), json!(2)]),
        ("geo_ip_check", [json!(true), json!(false)]),
    ] {
        if random.percent(30) {
            set(&mut spec, key, random.pick(&values).clone());
        }
    }
    let survey = part(random, spec);
    desired.surveys.insert(Address::group(job, letter), survey);
}

fn part(random: &mut Random, spec: SurveySpec) -> DesiredSurvey {
    DesiredSurvey {
        vendor: infield::marketplace::INNOVATEMR,
        spec,
        moved_quotas: infield::model::desired::MovedQuotas::new(),
        ladder: None,
        policy: Policy {
            on_fixed_change: Default::default(),
            on_template_change: OnTemplateChange::Refuse,
            on_external_pause: *random.pick(&[OnExternalPause::Report, OnExternalPause::Resume]),
            on_remove: *random.pick(&[OnRemove::Forget, OnRemove::Pause, OnRemove::Close]),
            ..Policy::default()
        },
    }
}

fn set(spec: &mut SurveySpec, key: &str, value: Value) {
    spec.attributes.insert(key.to_owned(), Field::Set(value));
}

/// What no manifest may say, because it is refused before there is a plan.
fn tidy(desired: &mut Desired) {
    let live: Vec<String> = desired
        .surveys
        .iter()
        .filter(|(address, survey)| !address.is_group() && survey.spec.status == Field::Set(Status::Live))
        .map(|(address, _)| address.as_str().to_owned())
        .collect();
    for (address, survey) in &mut desired.surveys {
        let spec = &mut survey.spec;
        if address.is_group() && spec.status == Field::Set(Status::Live) {
            if !live.iter().any(|job| job == address.survey_name()) {
                spec.status = Field::Set(Status::Draft);
            }
            if spec.max_cpi.value().is_none() {
                spec.max_cpi = Field::Set("4 USD".parse().expect("a price"));
            }
        }
    }
}

fn status(random: &mut Random) -> Field<Status> {
    match random.between(0, 19) {
        0..=13 => Field::Set(Status::Live),
        14 | 15 => Field::Set(Status::Draft),
        16 | 17 => Field::Set(Status::Paused),
        18 => Field::Set(Status::Closed),
        _ => Field::Absent,
    }
}

fn price(random: &mut Random, from: u64, to: u64) -> Field<Money> {
    let cents = random.between(from, to);
    let text = format!("{}.{:02} USD", cents / 100, cents % 100);
    Field::Set(text.parse().expect("a price"))
}

fn genders(texts: &[&str]) -> Criterion {
    Criterion {
        question: "GENDER".to_owned(),
        unit: None,
        answers: Answers::codes(texts.iter().copied()),
    }
}

fn ages(from: i64, to: i64) -> Criterion {
    Criterion {
        question: "AGE".to_owned(),
        unit: None,
        answers: Answers::ranges([Range { from, to }]),
    }
}

fn qualifications(random: &mut Random) -> Field<Criteria> {
    let to = *random.pick(&[44, 54, 64]);
    match random.between(0, 4) {
        0 => Field::Absent,
        1 => Field::Set(vec![ages(18, to)].into()),
        2 => Field::Set(vec![genders(&["Female"])].into()),
        _ => Field::Set(vec![ages(18, to), genders(&["Male", "Female"])].into()),
    }
}

/// Quotas over gender, over age, or over both.
fn quotas(random: &mut Random) -> Field<Quotas> {
    let mut quota = |name: &str, criteria: Vec<Criterion>| Quota {
        name: name.to_owned(),
        completes: random.between(2, 20),
        criteria: criteria.into(),
    };
    let (men, women) = (
        quota("men", vec![genders(&["Male"])]),
        quota("women", vec![genders(&["Female"])]),
    );
    let young = quota("young-men", vec![ages(18, 34), genders(&["Male"])]);
    match random.between(0, 4) {
        0 => Field::Absent,
        1 => Field::Set(vec![men].into()),
        2 | 3 => Field::Set(vec![men, women].into()),
        _ => Field::Set(vec![women, young].into()),
    }
}

/// Changes a few manifests.
pub(super) fn edit(random: &mut Random, desired: &mut Desired, told: &mut dyn FnMut(String)) {
    for _ in 0..random.between(0, 3) {
        let names: Vec<Address> = desired.surveys.keys().cloned().collect();
        if names.is_empty() || random.percent(8) {
            add_job(random, desired, 6);
            continue;
        }
        let name = random.pick(&names).clone();
        if random.percent(7) {
            // A job goes with its groups.
            desired.surveys.retain(|other, _| {
                *other != name && (name.is_group() || other.survey_name() != name.as_str())
            });
            told(format!("manifest {name} removed"));
            continue;
        }
        if random.percent(8) {
            let letter = *random.pick(&LETTERS);
            let job = name.survey_name().to_owned();
            if !desired.surveys.contains_key(&Address::group(&job, letter)) {
                add_group(random, desired, &job, letter);
                told(format!("manifest {job}/{letter} added"));
            }
            continue;
        }
        let group = name.is_group();
        let survey = desired.surveys.get_mut(&name).expect("just picked");
        let what = if group {
            edit_group(random, &mut survey.spec)
        } else {
            edit_job(random, &mut survey.spec)
        };
        told(format!("manifest {name}: {what}"));
    }
    tidy(desired);
}

fn edit_job(random: &mut Random, spec: &mut SurveySpec) -> String {
    match random.between(0, 3) {
        0 => {
            set(spec, "category", json!(random.between(1, 43)));
            "category".to_owned()
        }
        1 => {
            if let Field::Set(title) = &mut spec.title
                && title != "Twin"
            {
                title.push('+');
            }
            format!("title {:?}", spec.title)
        }
        _ => {
            spec.status = status(random);
            format!("status {:?}", spec.status)
        }
    }
}

fn edit_group(random: &mut Random, spec: &mut SurveySpec) -> String {
    match random.between(0, 12) {
        0 | 1 => {
            spec.max_cpi = price(random, 300, 500);
            format!("ceiling {:?}", spec.max_cpi.value().map(ToString::to_string))
        }
        2 | 3 => {
            spec.completes = Field::Set(random.between(5, 60));
            format!("completes {:?}", spec.completes)
        }
        4 => match &mut spec.quotas {
            Field::Set(quotas) => {
                let index = usize::try_from(random.next() % quotas.len() as u64).expect("small");
                quotas[index].completes = random.between(1, 25);
                format!("quota {} = {}", quotas[index].name, quotas[index].completes)
            }
            _ => "nothing".to_owned(),
        },
        5 => {
            spec.quotas = quotas(random);
            "other quotas".to_owned()
        }
        6 | 7 => {
            spec.qualifications = qualifications(random);
            "other qualifications".to_owned()
        }
        8 => {
            spec.test_url = Field::Null;
            "no test url".to_owned()
        }
        9 => {
            let note = format!("note {}", random.between(1, 3));
            set(spec, "note", json!(note));
            note
        }
        10 => {
            spec.cpi = price(random, 100, 300);
            format!("price {:?}", spec.cpi.value().map(ToString::to_string))
        }
        _ => {
            spec.status = status(random);
            format!("status {:?}", spec.status)
        }
    }
}
