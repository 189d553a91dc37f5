//! Surveys by chance for `spend`: at every vendor, with layers, counters, prices and edits; and vendors of which something is
//! not known.

use crate::layers::{gender, years_of};
use crate::spend_model::{Dice, GENDERS, Model, plain};
use crate::support::*;
use crate::vendors::*;
use infield::marketplace::Markets;
use infield::model::capability::Mutability;
use infield::model::codebook::{Answer, Codebook, Question};
use infield::model::{
    Address, Call, Criteria, Criterion, Field, Level, LiveSurvey, Money, Quota, Status, SurveySpec, VendorId,
};
use infield::plan::diff::{FieldName, SurveyDiff};
use infield::plan::market::{Edits, Marketplace, Refusal, StatusChange, Subject};
use infield::plan::{Action, Marketplaces, Plan, Record};
use rust_decimal::Decimal;
use serde_json::json;
use std::sync::LazyLock;

/// Ways to get the money wrong, each of which has to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// One answer of a question is not thought of, so that quotas seem to be everybody's that are not.
    Layers,
    /// Counters are those of a moment before completes were taken back.
    Reversals,
    /// What the vendor adds to its price is not counted.
    Boost,
    /// What suppliers get is not read.
    Suppliers,
    /// Who takes part when it stops is gone.
    UnderWay,
    /// Of what an interrupted step may have written the old price counts.
    Interrupted,
}

/// A vendor as it is, but for what a fault takes away.
struct Faulty(&'static dyn Marketplace, Fault);

static MARKETS: LazyLock<Markets> = LazyLock::new(Markets::default);

/// The questions of PureSpectrum, whose genders lack one.
static TOO_FEW: LazyLock<Codebook> = LazyLock::new(|| {
    let mut questions: Vec<Question> = MARKETS.of(PS).codebook().questions.to_vec();
    for question in questions.iter_mut().filter(|question| question.code == "211") {
        let two: Vec<Answer> = question.answers.iter().take(2).copied().collect();
        question.answers = two.leak();
    }
    Codebook {
        questions: questions.leak(),
        groupings: &[],
        units: &[],
    }
});

impl Marketplace for Faulty {
    fn id(&self) -> VendorId {
        self.0.id()
    }
    fn codebook(&self) -> &'static Codebook {
        match self.1 {
            Fault::Layers if self.id() == PS => &TOO_FEW,
            _ => self.0.codebook(),
        }
    }
    fn mutability(&self, field: &FieldName, status: Status) -> Mutability {
        self.0.mutability(field, status)
    }
    fn may_hide(&self, field: &FieldName) -> bool {
        self.0.may_hide(field)
    }
    fn needs_pause(&self, edits: &SurveyDiff) -> bool {
        self.0.needs_pause(edits)
    }
    fn highest_price(&self, spec: &SurveySpec) -> Option<Money> {
        if self.1 == Fault::Boost {
            return spec.cpi.value().copied();
        }
        self.0.highest_price(spec)
    }
    fn budget(&self, spec: &SurveySpec) -> Option<Money> {
        self.0.budget(spec)
    }
    fn transition(&self, from: Status, to: Status) -> Result<(), Refusal> {
        self.0.transition(from, to)
    }
    fn missing_for_launch(&self, level: Level, after: &SurveySpec) -> Vec<Refusal> {
        self.0.missing_for_launch(level, after)
    }
    fn create(&self, subject: Subject<'_>, wanted: &SurveySpec) -> Result<Vec<Call>, Refusal> {
        self.0.create(subject, wanted)
    }
    fn update(&self, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
        self.0.update(edits)
    }
    fn set_status(&self, change: &StatusChange<'_>) -> Vec<Call> {
        self.0.set_status(change)
    }
    fn templates(&self) -> Option<&dyn infield::plan::market::Templates> {
        self.0.templates()
    }
}

struct All([Faulty; 3]);

impl All {
    fn with(fault: Fault) -> Self {
        Self([PS, IMR, CINT].map(|vendor| Faulty(MARKETS.of(vendor), fault)))
    }
}

impl Marketplaces for All {
    fn of(&self, vendor: VendorId) -> &dyn Marketplace {
        self.0.iter().find(|one| one.id() == vendor).unwrap()
    }
}

fn who(dice: &mut Dice) -> Criteria {
    let mut who = Vec::new();
    if dice.percent(70) {
        let some: [&[&str]; 4] = [&["111", "112"], &["111"], &["112", "113"], &GENDERS];
        who.push(gender(dice.pick::<&[&str]>(&some)));
    }
    if dice.percent(70) {
        let (from, to) = *dice.pick(&[(18, 64), (18, 34), (25, 64)]);
        who.push(years_of(from, to));
    }
    infield::model::targeting::canonical(who)
}

fn criteria(dice: &mut Dice) -> Criteria {
    let mut criteria = Vec::new();
    let over = dice.up_to(9);
    if over < 6 {
        let some: [&[&str]; 5] = [&["111"], &["112"], &["113"], &["111", "112"], &["112", "113"]];
        criteria.push(gender(dice.pick::<&[&str]>(&some)));
    }
    if (4..9).contains(&over) {
        let ages = [
            (18, 24),
            (25, 34),
            (18, 34),
            (35, 64),
            (35, 44),
            (45, 64),
            (18, 64),
        ];
        let (from, to) = *dice.pick(&ages);
        criteria.push(years_of(from, to));
    }
    infield::model::targeting::canonical(criteria)
}

/// Whole layers more often than not, as people write them.
fn random_quotas(vendor: VendorId, dice: &mut Dice) -> Vec<Quota> {
    let mut all: Vec<Vec<Criterion>> = Vec::new();
    if vendor == PS {
        if dice.percent(55) {
            all.extend([vec![gender(&["111"])], vec![gender(&["112"])]]);
            all.extend(dice.percent(40).then(|| vec![gender(&["113"])]));
        }
        if dice.percent(40) {
            all.extend([vec![years_of(18, 34)], vec![years_of(35, 64)]]);
        }
        for _ in 0..dice.up_to(2) {
            all.push(criteria(dice).to_vec());
        }
    } else {
        let halves = || [(18, 34), (35, 64)].map(|(from, to)| vec![years(vendor, from, to)]);
        all.extend(dice.percent(60).then(halves).into_iter().flatten());
    }
    let all = all.into_iter().take(5).enumerate();
    all.map(|(at, criteria)| quota(&format!("q{at}"), dice.up_to(4), criteria))
        .collect()
}

/// A price with as many places as a vendor takes.
fn price(vendor: VendorId, dice: &mut Dice) -> Money {
    let places = if vendor == IMR { 2 } else { *dice.pick(&[2, 2, 4]) };
    let number = 1 + dice.up_to(4 * 10_u64.pow(places));
    let text = Decimal::new(i64::try_from(number).unwrap(), places);
    format!("{text} USD").parse().unwrap()
}

/// What moves the price at Cint, and who may bring respondents there.
fn modules(dice: &mut Dice, spec: &mut SurveySpec) {
    spec.attributes.clear();
    let pricing = match dice.up_to(5) {
        0 => Some(json!({"type": "rate_card", "boost_cpi": "0.25 USD"})),
        1 => Some(json!({"type": "dynamic", "total_budget": "9.5 USD"})),
        2 => Some(json!({"type": "dynamic", "minimum_cpi": "0.1 USD"})),
        _ => None,
    };
    let has_budget = pricing
        .as_ref()
        .is_some_and(|pricing| pricing["total_budget"].is_string());
    spec.max_cpi = if dice.percent(40) && !has_budget {
        Field::Set(price(CINT, dice))
    } else {
        Field::Null
    };
    if let Some(pricing) = pricing {
        let modules = json!({"pricing": pricing});
        spec.attributes
            .insert("fielding_assistant".to_owned(), Field::Set(modules));
    }
    if dice.percent(20) {
        let members = json!([{"name": "own", "min": 0, "max": 10, "supplier": 4}]);
        let shares = json!({"exchange": {"min": 0, "max": 100}, "private": {"groups": members}});
        spec.attributes
            .insert("allocations".to_owned(), Field::Set(shares));
    }
}

fn settings(vendor: VendorId, dice: &mut Dice, spec: &mut SurveySpec) {
    spec.cpi = Field::Set(price(vendor, dice));
    match vendor {
        _ if vendor == CINT => modules(dice, spec),
        _ if vendor == IMR => spec.max_cpi = Field::Set(price(IMR, dice)),
        _ => {
            for setting in ["qlc", "quota_throttling"] {
                if dice.percent(25) {
                    let on = Field::Set(json!(dice.percent(50)));
                    spec.attributes.insert(setting.to_owned(), on);
                }
            }
        }
    }
}

fn survey(vendor: VendorId, dice: &mut Dice) -> SurveySpec {
    let base = if vendor == PS { soda() } else { part(vendor) };
    let mut spec = SurveySpec {
        completes: Field::Set(1 + dice.up_to(11)),
        incidence_rate: Field::Set(Decimal::from(*dice.pick(&[10, 33, 50, 100]))),
        quotas: Field::Set(random_quotas(vendor, dice).into()),
        status: Field::Set(*dice.pick(&[
            Status::Live,
            Status::Live,
            Status::Live,
            Status::Draft,
            Status::Paused,
        ])),
        ..base
    };
    if vendor == PS {
        spec.qualifications = Field::Set(who(dice));
    }
    settings(vendor, dice, &mut spec);
    spec
}

/// What somebody changes in the manifest.
pub(crate) fn edit(vendor: VendorId, dice: &mut Dice, spec: &mut SurveySpec) {
    for _ in 0..=dice.up_to(2) {
        let random = dice.up_to(8);
        match random {
            0 => spec.completes = Field::Set(1 + dice.up_to(15)),
            1 => spec.cpi = Field::Set(price(vendor, dice)),
            2 if vendor == PS => spec.qualifications = Field::Set(who(dice)),
            3 if vendor == PS => spec.quotas = Field::Set(random_quotas(vendor, dice).into()),
            4 if vendor == PS => spec.quotas = Field::Null,
            5 => settings(vendor, dice, spec),
            6 => spec.status = Field::Set(*dice.pick(&[Status::Live, Status::Paused, Status::Closed])),
            // A ramp: every quota grows, the goal stays.
            7 => {
                if let Field::Set(quotas) = &mut spec.quotas {
                    quotas.iter_mut().for_each(|quota| quota.completes *= 2);
                }
            }
            _ => {
                if let Field::Set(quotas) = &mut spec.quotas
                    && !quotas.is_empty()
                {
                    let at = dice.at(quotas.len());
                    match dice.up_to(3) {
                        0 if vendor == PS => quotas[at].criteria = criteria(dice),
                        1 if vendor == PS => drop(quotas.remove(at)),
                        _ => quotas[at].completes = dice.up_to(6),
                    }
                }
            }
        }
    }
}

/// The values a survey has at its vendor, with lists as they are there.
pub(crate) fn whole(live: &LiveSurvey, applied: &SurveySpec) -> SurveySpec {
    SurveySpec {
        qualifications: live.qualifications.clone().or(applied.qualifications.clone()),
        quotas: Field::Set(live.quotas.iter().map(plain).collect()),
        ..live.spec.over(applied)
    }
}

/// The values after the last edit of a plan, none where it edits nothing.
pub(crate) fn written(plan: &Plan, address: &Address, before: &SurveySpec) -> Option<SurveySpec> {
    let edits = |action| matches!(action, Action::Update | Action::Create);
    let steps = plan
        .steps
        .iter()
        .filter(|step| step.address == *address && edits(step.action));
    match steps.map(|step| &step.record).next_back()? {
        Record::Survey { applied, .. } => Some(applied.over(before)),
        _ => None,
    }
}

/// What the plan shows of a survey: now, afterwards, and what people under way may add; none where it says that nothing
/// bounds it.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) before: Decimal,
    pub(crate) after: Decimal,
    pub(crate) under_way: Decimal,
    pub(crate) unbounded: bool,
}

impl Shown {
    pub(crate) fn by(plan: &Plan, address: &Address) -> Self {
        let one = plan.exposure.first();
        let of = |money: fn(&infield::plan::Exposure) -> Option<Money>| {
            one.and_then(money).map_or(Decimal::ZERO, |money| money.amount)
        };
        Self {
            before: of(|one| Some(one.before)),
            after: of(|one| Some(one.after)),
            under_way: of(|one| one.under_way),
            unbounded: plan.unbounded.contains(address),
        }
    }
}

pub(crate) struct Case {
    pub(crate) vendor: VendorId,
    fault: Fault,
    markets: All,
    pub(crate) world: World,
    pub(crate) address: Address,
    /// What suppliers get, where it is not the offer.
    pub(crate) suppliers: Option<Decimal>,
    story: Vec<String>,
}

impl Case {
    pub(crate) fn plan(&self) -> Plan {
        self.world.with_inputs(&self.markets, infield::plan::plan)
    }

    pub(crate) fn wanted(&mut self) -> &mut SurveySpec {
        self.world.spec(self.address.clone().as_str())
    }

    /// Refuses that more can be spent than was shown.
    pub(crate) fn hold(
        &self,
        what: &str,
        cost: Option<Decimal>,
        shown: Decimal,
        plan: &Plan,
    ) -> Result<(), String> {
        let told = Shown::by(plan, &self.address);
        let fine = match cost {
            Some(cost) => cost <= shown || told.unbounded,
            None => told.unbounded,
        };
        let wanted = &self.world.desired.surveys[&self.address].spec;
        let fail = || {
            let known = self.world.known.survey(&self.address);
            let live = self.world.live.surveys.get(&self.address);
            Err(format!(
                "{what}: {cost:?} can be spent, {shown} were said ({told:?})\n{}\nwanted {wanted:#?}\nknown {known:#?}\nlive {live:#?}\n{:#?}",
                self.story.join("\n"),
                plan.steps
            ))
        };
        if fine { Ok(()) } else { fail() }
    }

    /// The survey as it is when it is read, counters included.
    pub(crate) fn before(&mut self, dice: &mut Dice) -> Model {
        let seen = self.world.seen(self.address.clone().as_str()).clone();
        let applied = self.world.known.survey(&self.address).unwrap().applied.clone();
        let mut model = Model::of(self.vendor, &whole(&seen, &applied), self.suppliers);
        let asked = seen.status != Some(Status::Draft);
        if asked && dice.percent(60) {
            for _ in 0..dice.up_to(14) {
                model.begin(dice);
                model.complete(dice, true);
            }
        } else if asked {
            // Counters that no order of respondents explains: people have edited it before.
            model.fielded = dice.up_to(model.goal);
            for (quota, fielded) in &mut model.quotas {
                *fielded = dice.up_to(quota.completes);
            }
        }
        if seen.status == Some(Status::Live) {
            model.crowd(dice);
        }
        let stale = model.clone();
        if asked && dice.percent(25) {
            while dice.percent(60) && model.reverse(dice).is_some() {}
        }
        let told = if self.fault == Fault::Reversals {
            &stale
        } else {
            &model
        };
        let unread = *dice.pick(&[0, 0, 0, 50]);
        let suppliers = self.suppliers.filter(|_| self.fault != Fault::Suppliers);
        let live = self.world.seen(self.address.clone().as_str());
        let (vendor, live) = (self.vendor, live);
        told.counted(live, dice, unread);
        if vendor == IMR {
            live.fielded = None;
        }
        live.charged = suppliers.map(|price| format!("{price} USD").parse().unwrap());
        self.story.push(format!("before {model:#?}"));
        model
    }
}

/// A survey that is there, at a vendor; hidden prices are hidden half of the time where the vendor may.
pub(crate) fn case(dice: &mut Dice, fault: Fault) -> Case {
    let vendor = *dice.pick(&[PS, PS, PS, IMR, CINT]);
    let mut world = World::with_libraries();
    world.allow_everything();
    world.held_at(vendor, "soda");
    let name = fielded_as(vendor, "soda");
    let address = world.fielded_at(vendor, &name, survey(vendor, dice));
    if vendor == IMR && dice.percent(50) {
        let spec = &mut world.seen(&name).spec;
        (spec.cpi, spec.max_cpi) = (Field::Absent, Field::Absent);
    }
    let offer = world.spec(&name).cpi.value().unwrap().amount;
    let own = (vendor == PS && dice.percent(20)).then(|| price(PS, dice).amount.round_dp(2));
    let suppliers = own.filter(|own| (*own - offer).abs() >= Decimal::new(2, 2));
    Case {
        vendor,
        fault,
        markets: All::with(fault),
        world,
        address,
        suppliers,
        story: vec![format!("seed {}", dice.0)],
    }
}
