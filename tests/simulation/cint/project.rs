//! Random projects with target groups, and people who keep changing their minds.

use crate::random::Random;
use infield::model::desired::{OnExternalPause, OnFixedChange, OnRemove, OnTemplateChange, Policy};
use infield::model::{
    Address, Answers, Criteria, Criterion, Desired, DesiredSurvey, Field, Money, Quota, Quotas, Range,
    Status, SurveySpec,
};
use serde_json::{Value, json};

const LETTERS: [&str; 3] = ["a", "b", "c"];
const MANAGER: &str = "b551326b-ac9d-4d32-8823-4f025787dab9";

/// One to three projects, or more than ten, with one to three target groups each.
pub(super) fn project(random: &mut Random, large: bool) -> Desired {
    let mut desired = Desired::default();
    let (most, names) = if large {
        (10, 60)
    } else {
        (*random.pick(&[1, 1, 2, 2, 3]), 6)
    };
    for _ in 0..most {
        add_project(random, &mut desired, names);
    }
    tidy(random, &mut desired);
    desired
}

fn add_project(random: &mut Random, desired: &mut Desired, names: u64) {
    let name = format!("s{}", random.between(1, names));
    let address = Address::survey(name.as_str());
    if desired.surveys.contains_key(&address) {
        return;
    }
    // Two projects of one title without references cannot be told apart: rare, and refused.
    let twin = random.percent(5);
    let title = if twin {
        "Twins".to_owned()
    } else {
        format!("Tracker {name}")
    };
    let mut spec = SurveySpec {
        title: Field::Set(title),
        ..SurveySpec::default()
    };
    set(&mut spec, "project_manager", json!(MANAGER));
    let reference = (!twin && random.percent(85)).then(|| format!("sim_{name}"));
    refer(&mut spec, "project_reference", reference);
    desired.surveys.insert(address, part(random, spec));
    for letter in &LETTERS[..usize::try_from(random.between(1, 3)).expect("small")] {
        add_group(random, desired, &name, letter);
    }
}

fn add_group(random: &mut Random, desired: &mut Desired, project: &str, letter: &str) {
    let completes = random.between(10, 60);
    let mut spec = SurveySpec {
        title: Field::Set(format!("Group {letter} of {project}")),
        locale: Field::Set((*random.pick(&["en-US", "en-US", "de-DE"])).to_owned()),
        completes: Field::Set(completes),
        incidence_rate: Field::Set(50.into()),
        length_of_interview: Field::Set(5.into()),
        cpi: price(random, 100, 300),
        end: end(random),
        live_url: Field::Set("https://survey.example.com/s?rid=[%RID%]".to_owned()),
        test_url: Field::Set("https://survey.example.com/t?rid=[%RID%]".to_owned()),
        status: status(random),
        qualifications: qualifications(random),
        quotas: quotas(random, completes),
        ..SurveySpec::default()
    };
    if random.percent(30) {
        spec.max_cpi = price(random, 300, 500);
    }
    if random.percent(15) {
        spec.start = start(random);
    }
    set(&mut spec, "project_manager", json!(MANAGER));
    set(&mut spec, "business_unit", json!(3337));
    let reference = random.percent(85).then(|| format!("sim_{project}_{letter}"));
    refer(&mut spec, "reference", reference);
    for (key, values) in [
        ("industry_lockout", [json!("no_lock_out"), json!("past_30_days")]),
        ("exclude_within_project", [json!(true), json!(false)]),
        ("filling_strategy", [json!("completes"), json!("prescreens")]),
        (
            "allocations",
            [
                json!({"exchange": {"min": 0, "max": 60}, "blocked_suppliers": [421]}),
                json!({"exchange": {"min": 0, "max": 100}}),
            ],
        ),
    ] {
        if random.percent(25) {
            set(&mut spec, key, random.pick(&values).clone());
        }
    }
    let survey = part(random, spec);
    desired.surveys.insert(Address::group(project, letter), survey);
}

fn part(random: &mut Random, spec: SurveySpec) -> DesiredSurvey {
    DesiredSurvey {
        vendor: infield::marketplace::CINT,
        spec,
        moved_quotas: infield::model::desired::MovedQuotas::new(),
        ladder: None,
        policy: Policy {
            on_fixed_change: *random.pick(&[OnFixedChange::Refuse, OnFixedChange::Replace]),
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

/// Sets a reference, or says that there is to be none.
fn refer(spec: &mut SurveySpec, key: &str, reference: Option<String>) {
    let value = reference.map_or(Field::Null, |text| Field::Set(json!(text)));
    spec.attributes.insert(key.to_owned(), value);
}

/// What no manifest may say, because it is refused before there is a plan; and sums that add up, as a rule.
fn tidy(random: &mut Random, desired: &mut Desired) {
    for (address, survey) in &mut desired.surveys {
        let spec = &mut survey.spec;
        if !address.is_group() {
            continue;
        }
        let counted: Vec<String> = spec
            .quotas
            .value()
            .into_iter()
            .flatten()
            .flat_map(|quota| &quota.criteria)
            .map(|criterion| criterion.question.clone())
            .collect();
        if let Field::Set(criteria) = &mut spec.qualifications {
            criteria.retain(|criterion| !counted.contains(&criterion.question));
            if criteria.is_empty() {
                spec.qualifications = Field::Absent;
            }
        }
        let completes = spec.completes.value().copied().unwrap_or(1);
        if let Field::Set(quotas) = &mut spec.quotas
            && !random.percent(3)
        {
            let alone = |quota: &Quota| quota.criteria.len() == 1;
            let questions: Vec<String> = quotas
                .iter()
                .filter(|quota| alone(quota))
                .map(|quota| quota.criteria[0].question.clone())
                .collect();
            for question in questions {
                let of = |quota: &&mut Quota| alone(quota) && quota.criteria[0].question == question;
                share_out(quotas.iter_mut().filter(of).collect(), completes, true);
            }
            share_out(
                quotas.iter_mut().filter(|quota| !alone(quota)).collect(),
                completes,
                false,
            );
        }
    }
}

/// Makes quotas fit into the goal, the last ones first; `whole` are to make all of it.
fn share_out(quotas: Vec<&mut Quota>, completes: u64, whole: bool) {
    let mut left = completes;
    let count = quotas.len();
    for (index, quota) in quotas.into_iter().enumerate() {
        let others = u64::try_from(count - index - 1).expect("small");
        quota.completes = quota.completes.min(left.saturating_sub(others)).max(1);
        if whole && others == 0 {
            quota.completes = left;
        }
        left = left.saturating_sub(quota.completes);
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

/// Beyond the life of a world.
fn end(random: &mut Random) -> Field<jiff::Timestamp> {
    let day = random.between(1, 28);
    let month = *random.pick(&["2027-06", "2027-07"]);
    let text = format!("{month}-{day:02}T18:00:00Z");
    Field::Set(text.parse().expect("a time"))
}

/// Ahead as long as a world lives, so that the target group is scheduled.
fn start(random: &mut Random) -> Field<jiff::Timestamp> {
    let text = *random.pick(&["2027-05-01T08:00:00Z", "2027-05-02T08:00:00Z"]);
    Field::Set(text.parse().expect("a time"))
}

fn price(random: &mut Random, from: u64, to: u64) -> Field<Money> {
    let cents = random.between(from, to);
    let text = format!("{}.{:02} USD", cents / 100, cents % 100);
    Field::Set(text.parse().expect("a price"))
}

fn gender(codes: &[&str]) -> Criterion {
    Criterion {
        question: "43".to_owned(),
        unit: None,
        answers: Answers::codes(codes.iter().copied()),
    }
}

fn ages(from: i64, to: i64) -> Criterion {
    Criterion {
        question: "42".to_owned(),
        unit: Some(String::new()),
        answers: Answers::ranges([Range { from, to }]),
    }
}

fn zips() -> Criterion {
    Criterion {
        question: "45".to_owned(),
        unit: None,
        answers: Answers::codes(["01234", "98001"]),
    }
}

fn qualifications(random: &mut Random) -> Field<Criteria> {
    let to = *random.pick(&[44, 54, 64]);
    match random.between(0, 5) {
        0 => Field::Absent,
        1 => Field::Set(vec![ages(18, to)].into()),
        2 => Field::Set(vec![gender(&["2"])].into()),
        3 => Field::Set(vec![ages(18, to), zips()].into()),
        _ => Field::Set(vec![ages(18, to), gender(&["1", "2"])].into()),
    }
}

/// Quotas over gender, over age, over each of them, or over both at once.
fn quotas(random: &mut Random, completes: u64) -> Field<Quotas> {
    let mut quota = |name: &str, criteria: Vec<Criterion>| Quota {
        name: name.to_owned(),
        completes: random.between(1, (completes / 2).max(2)),
        criteria: criteria.into(),
    };
    let (men, women) = (gender(&["1"]), gender(&["2"]));
    let (young, old) = (ages(18, 34), ages(35, 64));
    let by_gender = [
        quota("men", vec![men.clone()]),
        quota("women", vec![women.clone()]),
    ];
    let by_age = [
        quota("young", vec![young.clone()]),
        quota("old", vec![old.clone()]),
    ];
    let crossed = [
        quota("young-men", vec![young.clone(), men.clone()]),
        quota("old-men", vec![old.clone(), men]),
        quota("young-women", vec![young, women.clone()]),
        quota("old-women", vec![old, women]),
    ];
    match random.between(0, 5) {
        0 => Field::Absent,
        1 => Field::Set(by_age.to_vec().into()),
        2 => Field::Set([by_gender, by_age].concat().into()),
        3 => Field::Set(crossed.to_vec().into()),
        _ => Field::Set(by_gender.to_vec().into()),
    }
}

/// Changes a few manifests.
pub(super) fn edit(random: &mut Random, desired: &mut Desired, told: &mut dyn FnMut(String)) {
    for _ in 0..random.between(0, 3) {
        let names: Vec<Address> = desired.surveys.keys().cloned().collect();
        if names.is_empty() || random.percent(8) {
            add_project(random, desired, 6);
            continue;
        }
        let name = random.pick(&names).clone();
        if random.percent(7) {
            // A project goes with its target groups.
            desired.surveys.retain(|other, _| {
                *other != name && (name.is_group() || other.survey_name() != name.as_str())
            });
            told(format!("manifest {name} removed"));
            continue;
        }
        if random.percent(8) {
            let letter = *random.pick(&LETTERS);
            let project = name.survey_name().to_owned();
            if !desired.surveys.contains_key(&Address::group(&project, letter)) {
                add_group(random, desired, &project, letter);
                told(format!("manifest {project}/{letter} added"));
            }
            continue;
        }
        let group = name.is_group();
        let survey = desired.surveys.get_mut(&name).expect("just picked");
        let what = if group {
            edit_group(random, &mut survey.spec)
        } else {
            if let Field::Set(title) = &mut survey.spec.title
                && title != "Twins"
            {
                title.push('+');
            }
            format!("title {:?}", survey.spec.title)
        };
        told(format!("manifest {name}: {what}"));
    }
    tidy(random, desired);
}

fn edit_group(random: &mut Random, spec: &mut SurveySpec) -> String {
    match random.between(0, 15) {
        0 | 1 => {
            spec.cpi = price(random, 100, 300);
            format!("price {:?}", spec.cpi.value().map(ToString::to_string))
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
            let completes = spec.completes.value().copied().unwrap_or(10);
            spec.quotas = quotas(random, completes);
            "other quotas".to_owned()
        }
        6 | 7 => {
            spec.qualifications = qualifications(random);
            "other qualifications".to_owned()
        }
        8 => {
            spec.max_cpi = if random.percent(30) {
                Field::Null
            } else {
                price(random, 300, 500)
            };
            format!("ceiling {:?}", spec.max_cpi.value().map(ToString::to_string))
        }
        9 => {
            spec.end = end(random);
            if random.percent(30) {
                spec.start = start(random);
            }
            "other times".to_owned()
        }
        10 => {
            let url = format!("https://survey.example.com/s{}?rid=[%RID%]", random.between(1, 3));
            spec.live_url = Field::Set(url);
            "another URL".to_owned()
        }
        11 => {
            let word = *random.pick(&["adhoc", "diary"]);
            set(spec, "study_type", json!(word));
            format!("study type {word}")
        }
        12 => {
            let lockout = *random.pick(&["no_lock_out", "past_30_days"]);
            set(spec, "industry_lockout", json!(lockout));
            format!("lockout {lockout}")
        }
        _ => {
            spec.status = status(random);
            format!("status {:?}", spec.status)
        }
    }
}
