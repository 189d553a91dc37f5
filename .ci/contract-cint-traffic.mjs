// Uses every operation of the emulated Cint, rightly and wrongly, through two proxies that check requests and answers
// against the vendor's document. Called by .ci/contract-cint with the sandbox, the strict proxy and the lenient one.

const [sandbox, strict, lenient] = process.argv.slice(2);
const problems = [];
const seen = new Set();
let calls = 0;
let keys = 0;

async function post(path, body) {
  const answer = await fetch(sandbox + path, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const login = (client) =>
  post('/cint/oauth/token', {
    client_id: client,
    client_secret: 'sandbox',
    grant_type: 'client_credentials',
    audience: 'https://api.luc.id',
    auth_scopes: 'app:api',
  });
const mine = (await login('sandbox')).access_token;
const other = (await login('colleague')).access_token;

const settings = (values) => post('/_sandbox/settings', values);
const respondents = (body) => post('/_sandbox/respondents', { vendor: 'cint', ...body });

// One call of an operation. `wrong` says that the request itself may break the document; then only the answer counts.
async function call(operation, method, path, status, body, { headers = {}, wrong = false } = {}) {
  calls += 1;
  seen.add(operation);
  const all = {
    authorization: `Bearer ${mine}`,
    'cint-api-version': '2025-12-18',
    ...(method === 'GET' ? {} : { 'idempotency-key': `contract-${(keys += 1)}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...headers,
  };
  for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
  const answer = await fetch((wrong ? lenient : strict) + path, {
    method,
    redirect: 'manual',
    headers: all,
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  const where = `${operation} ${method} ${path} -> ${answer.status}`;
  const say = (what) => problems.push(`${where}\n    ${what}`);
  let json;
  try {
    json = text === '' ? undefined : JSON.parse(text);
  } catch {
    say(`the answer is no JSON: ${text.slice(0, 200)}`);
  }
  if (typeof json?.type === 'string' && json.type.includes('stoplight.io/prism')) {
    say(JSON.stringify(json.validation ?? json).slice(0, 1500));
  } else {
    const told = JSON.parse(answer.headers.get('sl-violations') ?? '[]');
    for (const violation of told) {
      if (violation.location[0] === 'response') say(JSON.stringify(violation).slice(0, 600));
    }
    if (answer.status !== status) say(`expected ${status}: ${text.slice(0, 400)}`);
  }
  return { json: json ?? {}, headers: answer.headers, status: answer.status };
}

const days = (count) => new Date(Date.now() + count * 86_400_000).toISOString();
const A = '/demand/accounts/1';
const manager = 'b551326b-ac9d-4d32-8823-4f025787dab9';
const colleague = '54736158-e90e-404c-bc32-4d938f8a9cfa';
const usd = (value) => ({ value, currency_code: 'USD' });
const select = (question_id, option) => ({ object: 'selection', question_id, option });
const range = (min, max) => ({ object: 'range', question_id: 42, min, max });
const share = (percent) => ({ completes_goal_percentage: percent });
const count = (completes_goal) => ({ completes_goal });
const last = (answer) => (answer.headers.get('location') ?? '').split('/').pop();

const open = {
  open_exchange_allocations: {
    blocked_supplier_ids: [],
    exchange_min_percentage: 0,
    exchange_max_percentage: 100,
    groups: [],
  },
};
const rich = {
  open_exchange_allocations: {
    blocked_supplier_ids: ['421'],
    exchange_min_percentage: 10,
    exchange_max_percentage: 90,
    groups: [{ group_name: 'Premium', min_percentage: 0, max_percentage: 80, suppliers: ['420', '422'] }],
  },
  private_exchange_allocations: {
    blocked_supplier_ids: ['1967'],
    groups: [{ group_name: 'Private', min_percentage: 0, max_percentage: 100, supplier_id: '1966' }],
  },
};
const profiles = [
  {
    object: 'regular',
    name: 'gender',
    quotas_enabled: true,
    targets: [
      { name: 'men', conditions: [select(43, '1')], quota: share(49.21) },
      { name: 'women', conditions: [select(43, '2')], quota: share(50.79) },
    ],
  },
  {
    object: 'regular',
    quotas_enabled: true,
    targets: [
      { conditions: [range(18, 34)], quota: share(40) },
      { conditions: [range(35, 65)], quota: share(60) },
    ],
  },
  {
    object: 'regular',
    quotas_enabled: false,
    targets: [
      {
        conditions: [
          { object: 'open_ended', question_id: 45, allow_all_values: false, open_ended_values: ['98001', '98007'] },
        ],
      },
    ],
  },
  {
    object: 'blended',
    name: 'stores and movies',
    quotas_enabled: true,
    targets: [
      { name: 'cell 1', conditions: [select(157, '1'), select(63, '1')], quota: share(2) },
      { name: 'cell 2', conditions: [select(157, '1'), select(157, '2'), select(63, '2')], quota: share(3.5) },
    ],
  },
  {
    object: 'blended',
    blended_type: 'control',
    name: 'control',
    quotas_enabled: true,
    targets: [{ name: 'control 1', conditions: [select(43, '1'), range(18, 34)], quota: share(10) }],
  },
];
const plain = (name, extra = {}) => ({
  name,
  business_unit_id: 3337,
  locale: 'eng_us',
  collects_pii: false,
  cost_per_interview: usd('2.75'),
  project_manager_id: manager,
  fielding_specification: { start_at: days(1), end_at: days(10) },
  completes_goal: 1000,
  expected_length_of_interview_minutes: 10,
  expected_incidence_rate: 0.5,
  live_url: 'https://survey.example.com/live?rid=[%RID%]',
  test_url: 'https://survey.example.com/test?rid=[%RID%]',
  fielding_assistant_assignment: {},
  allocations: open,
  ...extra,
});

// The document contradicts its own example of the library; here it is held to the schema.
// The proxy unpacks answers and leaves the header that says they are packed.
await settings({ cint_library_as_in_schema: true, cint_gzip: false });

// Definitions.
await call('get_user_accounts', 'GET', '/accounts', 200);
await call('get_account_users', 'GET', '/accounts/1/users?user_type=project_manager', 200);
await call('get_account_service_clients', 'GET', '/accounts/1/service-clients', 200);
await call('get_user_account_business_unit_id', 'GET', `/accounts/1/users/${manager}/business-units`, 200);
await call('get_user_account_business_unit_id', 'GET', `/accounts/1/users/${crypto.randomUUID()}/business-units`, 404);
await call('get_business_units', 'GET', '/accounts/1/business-units', 200);
await call('get_business_units', 'GET', '/accounts/2/business-units', 403);
await call('get_clients', 'GET', '/accounts/1/clients?page_size=1&page_number=1', 200);
for (const name of ['locales', 'study-types', 'industries', 'industry-lockouts', 'countries', 'suppliers']) {
  await call(`get_${name.replaceAll('-', '_')}`, 'GET', `/${name}`, 200);
}
await call('list_all_question_categories', 'GET', '/demand/questions/categories', 200);
await call('get_rate_card', 'GET', `${A}/business-units/4321/rate-card?country_code=US`, 200);
await call('get_rate_card', 'GET', `${A}/business-units/4321/rate-card?country_code=XX`, 400);
await call('get_rate_card', 'GET', `${A}/business-units/9/rate-card?country_code=US`, 404);

// Headers.
await call('list_account_projects', 'GET', `${A}/projects`, 401, undefined, { headers: { authorization: 'Bearer nonsense' } });
await call('list_account_projects', 'GET', `${A}/projects`, 403, undefined, { headers: { 'cint-api-version': null }, wrong: true });
await call('list_account_projects', 'GET', '/demand/accounts/2/projects', 403);

// Projects.
const project = { name: 'Contract project', project_manager_id: manager, project_customer_reference_number: 'contract-1' };
const made = await call('create_project', 'POST', `${A}/projects`, 202, project, { headers: { 'idempotency-key': 'once' } });
const again = await call('create_project', 'POST', `${A}/projects`, 202, project, { headers: { 'idempotency-key': 'once' } });
if (made.json.id !== again.json.id) problems.push('the same idempotency key made two projects');
await call('create_project', 'POST', `${A}/projects`, 400, { ...project, name: 'Another one' }, { headers: { 'idempotency-key': 'once' } });
await call('create_project', 'POST', `${A}/projects`, 400, { ...project, name: 'Q1' }, { wrong: true });
await call('create_project', 'POST', `${A}/projects`, 400, { ...project, project_manager_id: crypto.randomUUID() });
await call('create_project', 'POST', `${A}/projects`, 400, project, { headers: { 'idempotency-key': null }, wrong: true });
const P = `${A}/projects/${made.json.id}`;
const nowhere = `${A}/projects/01BTGNYV6HRNK8K8VKZASZCFP0`;
const seenProject = await call('get_project_by_id', 'GET', P, 200);
await call('get_project_by_id', 'GET', nowhere, 404);
const replacement = { ...project, name: 'Contract project, renamed' };
await call('update_project', 'PUT', P, 412, replacement, { headers: { 'if-match': 'W/"77"' } });
await call('update_project', 'PUT', P, 200, replacement, { headers: { 'if-match': seenProject.headers.get('etag') } });
await call('update_project', 'PUT', P, 400, replacement, { wrong: true });
await call('project_overview', 'GET', `${P}/overview`, 200);
await call('project_overview', 'GET', `${nowhere}/overview`, 404);
await call('list_account_projects', 'GET', `${A}/projects?search_string=contract&page_size=1`, 200);
await call('list_account_projects', 'GET', `${A}/projects?status=active&project_manager_id=${manager}`, 200);
await call('list_account_projects', 'GET', `${A}/projects?page_size=1000`, 400);
await call('list_account_projects', 'GET', `${A}/projects?start_after=nonsense`, 400);

// The library and what is checked against it.
const library = await call('account_questions_translation', 'GET', `${A}/questions-translation?locale=eng_us&id=42,43,45,47,63`, 200);
if (library.json.total !== 5) problems.push(`the library has ${library.json.total} of 5 questions`);
await call('account_questions_translation', 'GET', `${A}/questions-translation?locale=spa_us&query=mujer&page_size=2`, 200);
await call('account_questions_translation', 'GET', `${A}/questions-translation?locale=xxx_yy`, 400);
const check = (list, type = 'percentage') => ({
  locale: 'eng_us',
  completes_goal: 1000,
  profiling: { profile_adjustment_type: type, profiles: list },
});
const validate = (status, body, options) => call('validate_profiles', 'POST', `${A}/profiles/validate`, status, body, options);
await validate(204, check(profiles));
await validate(422, check([{ ...profiles[0], targets: [profiles[0].targets[0]] }]));
await validate(422, check([profiles[0], profiles[0]]));
await validate(422, check([{ ...profiles[0], targets: [{ conditions: [select(43, '9')], quota: share(100) }] }]));
await validate(422, check([{ ...profiles[0], targets: [{ conditions: [select(99999, '9')], quota: share(100) }] }]));
await validate(422, check([{ ...profiles[1], targets: [
  { conditions: [range(18, 34)], quota: share(50) },
  { conditions: [range(30, 40)], quota: share(50) },
] }]));
await validate(422, check([{ ...profiles[0], targets: [
  { conditions: [select(43, '1')], quota: count(600) },
  { conditions: [select(43, '2')], quota: count(500) },
] }], 'nominal'));
await validate(422, check([profiles[2], profiles[4]]));
await validate(400, { locale: 'eng_us' }, { wrong: true });
const halves = profiles.slice(0, 2).map((profile, index) => ({ ...profile, name: `half ${index}` }));
const window = { start_at: days(1), end_at: days(3), collects_pii: false };
const blend = (status, list, extra = {}, options) =>
  call('generate_blended_profile', 'POST', `${A}/drafts/generate-blended-profile`, status, { ...check(list), ...window, ...extra }, options);
await blend(201, halves);
await blend(422, halves, { end_at: window.start_at });
const feasible = {
  business_unit_id: 3337,
  locale: 'eng_us',
  expected_incidence_rate: 0.25,
  expected_length_of_interview_minutes: 15,
  completes_goal: 500,
  fielding_specification: { start_at: days(1), end_at: days(8) },
  cost_per_interview: usd('4.00'),
  profiling: { profile_adjustment_type: 'percentage', profiles },
  allocations: rich,
};
const feasibility = (status, body, options) =>
  call('calculate_target_group_feasibility', 'POST', `${A}/target-groups/calculate-feasibility`, status, body, options);
await feasibility(200, feasible);
await feasibility(422, { ...feasible, fielding_specification: { start_at: days(-8), end_at: days(-1) } });
await feasibility(400, { ...feasible, locale: 'xxx_yy' });

// Drafts.
const draft = plain('Contract target group', {
  client_id: 1234,
  client_cost_per_interview_note: usd('1.10'),
  exclusion: { enabled: true },
  respondent_activity_exclusions: [{ type: 'target-group', id: '01KH2714RHRTGCGQV47FHHY8S8', duration: 'P2W' }],
  industry_lockout_code: 'past_30_days',
  target_group_customer_reference_number: 'contract-tg-1',
  fielding_assistant_assignment: {
    pricing: { type: 'dynamic', maximum_cpi: usd('5.00'), minimum_cpi: usd('1.00') },
    quota_overlay: { prevent_overfill: true, balance_fill: false },
    pacing: { type: 'linear', increment_interval: 'P1D' },
    soft_launch: { end_at: days(2), filling_goal_percentage: 10, demographics_strictness_percentage: 50 },
  },
  profiling: { profile_adjustment_type: 'percentage', profiles },
  allocations: rich,
});
const create = (status, body, options) => call('create_target_group', 'POST', `${P}/target-groups`, status, body, options);
const tg = (await create(201, draft)).json.id;
const T = `${P}/target-groups/${tg}`;
const missing = `${P}/target-groups/01BTGNYV6HRNK8K8VKZASZCFP0`;
await create(400, { ...draft, locale: 'xxx_yy' });
await create(400, { ...draft, cost_per_interview: { value: '2.75', currency_code: 'EUR' } });
await create(400, { ...draft, profiling: { profile_adjustment_type: 'percentage', profiles: [profiles[0], profiles[0]] } });
await create(400, { name: 'x' }, { wrong: true });
await create(403, { ...draft, re_entry_configuration: reentry() });
await call('create_target_group', 'POST', `${nowhere}/target-groups`, 404, draft);
const shown = (await call('get_target_group', 'GET', T, 200)).json;
if (shown.respondent_activity_exclusions?.[0]?.duration !== 'P14D') problems.push('two weeks are not 14 days');
await call('get_target_group', 'GET', missing, 404);
await settings({ cint_re_entry_feature: true });
const full = { ...draft, re_entry_configuration: reentry(), industry_lockout_code: 'no_lock_out' };
await call('update_target_group', 'PUT', T, 204, full);
await call('get_target_group', 'GET', T, 200);
await settings({ cint_re_entry_feature: false });
await call('update_target_group', 'PUT', T, 204, draft);
await call('update_target_group', 'PUT', T, 400, { ...draft, business_unit_id: 1 });
await call('update_target_group', 'PUT', missing, 404, draft);
const template = 'e198c976-ce22-436d-acc1-95aa318cc54d';
const templated = plain('With a template', { profiling: { profile_adjustment_type: 'percentage', template_id: template } });
const second = (await create(201, templated)).json.id;
await call('get_target_group', 'GET', `${P}/target-groups/${second}`, 200);
const bare = (await create(201, plain('Without anything', { live_url: null, test_url: null }))).json.id;
await call('get_target_group', 'GET', `${P}/target-groups/${bare}`, 200);
const card = (await create(201, plain('Rate card', { business_unit_id: 4321, cost_per_interview: undefined }))).json.id;
await call('get_target_group', 'GET', `${P}/target-groups/${card}`, 200);
await call('get_target_group_rate_card', 'GET', `${P}/target-groups/${card}/rate-card`, 200);
await create(400, plain('Rate card with a price', { business_unit_id: 4321 }));
await call('get_list_target_groups', 'GET', `${P}/target-groups?page_size=2&status=draft&status=live`, 200);
await call('get_list_target_groups', 'GET', `${P}/target-groups?target_group_customer_reference_numbers=contract-tg-1&country=us&language=eng`, 200);
await call('get_list_target_groups', 'GET', `${nowhere}/target-groups`, 404);
await call('get_list_target_groups', 'GET', `${P}/target-groups?status=odd`, 400, undefined, { wrong: true });

// What a draft has not.
for (const [operation, path] of [
  ['get_target_group_details', 'details'],
  ['get_target_group_overview', 'overview'],
  ['list_profiles', 'profiles'],
  ['get_target_group_performance', 'performance'],
  ['get_target_group_allocation_specification', 'allocation-specification'],
  ['get_fielding_assistant_assignment', 'fielding-assistant-assignment'],
]) {
  await call(operation, 'GET', `${T}/${path}`, 404);
}
await call('get_fielding_runs_by_target_group_id', 'GET', `${T}/fielding-runs`, 200);
await call('update_cost_per_interview', 'PUT', `${T}/cost-per-interview`, 404, { target_group_cpi: usd('3.00') });
await call('update_filling_strategy', 'PUT', `${T}/filling-strategy`, 404, { filling_strategy: 'completes' });
await call('get_target_group_respondent_activity_exclusions', 'GET', `${T}/respondent-activity-exclusions`, 200);
await call('get_target_group_exclusion_policy_api', 'GET', `${T}/exclusion-policy`, 200);

// Launch, schedule, and jobs that fail.
async function launch(id, body, schedule = false) {
  const word = schedule ? 'schedule-from-draft' : 'launch-from-draft';
  const kind = schedule ? 'schedule' : 'launch';
  const path = `${P}/target-groups/${id}/fielding-run-jobs/${word}`;
  const job = last(await call(`create_${kind}_fielding_run_from_draft_job`, 'POST', path, 201, body));
  for (;;) {
    const { json, status } = await call(`get_${kind}_fielding_run_from_draft_job`, 'GET', `${path}/${job}`, 200);
    if (status !== 200 || json.status !== 'Processing') return json;
  }
}
const expect = (job, status) => {
  if (job.status !== status) problems.push(`a job is ${job.status}, not ${status}: ${JSON.stringify(job)}`);
};
await settings({ cint_job_ends_at_read: 3 });
expect(await launch(tg, { end_fielding_at: days(10) }), 'Completed');
expect(await launch(tg, { end_fielding_at: days(10) }), 'Failed');
expect(await launch(bare, { end_fielding_at: days(10) }), 'Failed');
expect(await launch(second, { end_fielding_at: days(-1) }), 'Failed');
expect(await launch(second, { start_fielding_at: days(-2), end_fielding_at: days(5) }, true), 'Failed');
expect(await launch(second, { start_fielding_at: days(2), end_fielding_at: days(5) }, true), 'Completed');
expect(await launch(card, { end_fielding_at: days(5) }), 'Completed');
await call('create_launch_fielding_run_from_draft_job', 'POST', `${T}/fielding-run-jobs/launch-from-draft`, 400, {}, { wrong: true });
await call('create_schedule_fielding_run_from_draft_job', 'POST', `${T}/fielding-run-jobs/schedule-from-draft`, 400, {}, { wrong: true });
await call('get_launch_fielding_run_from_draft_job', 'GET', `${T}/fielding-run-jobs/launch-from-draft/nothing`, 404);
await call('get_schedule_fielding_run_from_draft_job', 'GET', `${T}/fielding-run-jobs/schedule-from-draft/nothing`, 404);
const moved = (await call('get_target_group', 'GET', T, 301)).headers.get('location') ?? '';
if (!moved.endsWith(`${T}/details`)) problems.push(`a launched target group moved to ${moved}`);
await call('update_target_group', 'PUT', T, 404, draft);

// Launched.
const details = {
  name: 'Contract target group, renamed',
  project_manager_id: colleague,
  expected_length_of_interview_minutes: 12,
  expected_incidence_rate: 0.4,
  industry_lockout_code: 'past_90_days',
  live_url: 'https://survey.example.com/other',
  test_url: 'https://survey.example.com/other-test',
  target_group_customer_reference_number: 'contract-tg-1b',
  client_cost_per_interview_note: usd('1.20'),
};
await call('get_target_group_details', 'GET', `${T}/details`, 200);
await call('update_launched_target_group_details', 'PUT', `${T}/details`, 200, details, { headers: { authorization: `Bearer ${other}` } });
await call('update_launched_target_group_details', 'PUT', `${T}/details`, 400, { ...details, industry_lockout_code: 'odd' });
await call('update_launched_target_group_details', 'PUT', `${missing}/details`, 404, details);
await call('get_target_group_overview', 'GET', `${T}/overview`, 200);
await call('get_target_group_overview_by_target_group_id', 'GET', `/demand/target-groups/${tg}/overview`, 200);
await call('get_target_group_overview_by_target_group_id', 'GET', `/demand/target-groups/01BTGNYV6HRNK8K8VKZASZCFP0/overview`, 404);
await call('get_target_group_rate_card', 'GET', `${T}/rate-card`, 200);
await call('get_target_group_rate_card', 'GET', `${missing}/rate-card`, 404);
await call('update_cost_per_interview', 'PUT', `${T}/cost-per-interview`, 200, { target_group_cpi: usd('3.1250') });
await call('update_cost_per_interview', 'PUT', `${T}/cost-per-interview`, 400, { target_group_cpi: usd('200.00') });
await call('update_cost_per_interview', 'PUT', `${P}/target-groups/${card}/cost-per-interview`, 400, { target_group_cpi: usd('2.00') });
await call('update_filling_strategy', 'PUT', `${T}/filling-strategy`, 200, { filling_strategy: 'completes' });
await call('update_filling_strategy', 'PUT', `${T}/filling-strategy`, 400, { filling_strategy: 'odd' }, { wrong: true });
await call('calculate_target_group_feasibility_by_id', 'POST', `${T}/calculate-feasibility`, 200, { incidence_rate: 0.3, end_at: days(9) });
await call('calculate_target_group_feasibility_by_id', 'POST', `${T}/calculate-feasibility`, 422, { end_at: days(-1) });
await call('calculate_target_group_feasibility_by_id', 'POST', `${missing}/calculate-feasibility`, 404, {});

// Profiles and goals.
await respondents({ group: tg, completes: 40, prescreens: 60, terminations: 25, over_quotas: 5, quota: 'women' });
const listed = (await call('list_profiles', 'GET', `${T}/profiles`, 200)).json;
const gender = listed.profiles.find((profile) => profile.name === 'gender');
await call('get_profile', 'GET', `${T}/profiles/${gender.id}`, 200);
await call('get_profile', 'GET', `${T}/profiles/01BTGNYV6HRNK8K8VKZASZCFP0`, 404);
const women = gender.targets.find((target) => target.name === 'women').id;
const men = gender.targets.find((target) => target.name === 'men').id;
const quotas = (a, b) => [{ profile_id: gender.id, targets: [{ id: men, quota: count(a) }, { id: women, quota: count(b) }] }];
const goal = (status, body, options) => call('update_profile_filling_goal', 'PUT', `${T}/profiles/completes-goal`, status, body, options);
await goal(200, { profiles: quotas(500, 500) });
await goal(200, { completes_goal: 1200, profiles: quotas(600, 600) });
await goal(200, { completes_goal: 1100 });
await goal(422, { completes_goal: 10 });
await goal(422, { profiles: quotas(1080, 20) });
await goal(422, { profiles: quotas(5000, 500) });
await goal(422, { completes_goal: 1100, profiles: [{ profile_id: gender.id, targets: [{ id: '01BTGNYV6HRNK8K8VKZASZCFP0', quota: count(5) }] }] });
await goal(400, { completes_goal: 0 }, { wrong: true });
await call('update_profile_filling_goal', 'PUT', `${missing}/profiles/completes-goal`, 404, { completes_goal: 5 });
const manage = (status, body, options) => call('manage_target_group_profiles', 'POST', `${T}/profiles/manage-profiles`, status, body, options);
await manage(201, { completes_goal: 1000, profiling: { profile_adjustment_type: 'percentage', profiles } });
await settings({ cint_list_shows_control: true });
const after = (await call('list_profiles', 'GET', `${T}/profiles`, 200)).json;
await settings({ cint_list_shows_control: false });
await manage(422, { completes_goal: 1000, profiling: { profile_adjustment_type: 'percentage', profiles: [profiles[0], profiles[0]] } });
await manage(400, { completes_goal: 1000 }, { wrong: true });
await manage(201, { completes_goal: 1000, profiling: { profile_adjustment_type: 'percentage', template_id: template } });
await manage(201, { completes_goal: 1000, profiling: { profile_adjustment_type: 'percentage', profiles } });
const before = after.profiles.find((profile) => profile.object === 'regular').id;
await call('batch_delete_profiles', 'POST', `${T}/profiles/delete-profiles`, 422, { profile_ids: [before] });
const now = (await call('list_profiles', 'GET', `${T}/profiles`, 200)).json.profiles;
const blended = now.find((profile) => profile.object === 'blended').id;
await call('batch_delete_profiles', 'POST', `${T}/profiles/delete-profiles`, 204, { profile_ids: [blended] });
await call('list_profiles', 'GET', `${P}/target-groups/${card}/profiles`, 200);

// The rest of a launched one.
await call('get_target_group_allocation_specification', 'GET', `${T}/allocation-specification`, 200);
const allocation = {
  open_exchange_allocations: {
    blocked_supplier_ids: ['421'],
    exchange_min_percentage: 0,
    exchange_max_percentage: 0,
    groups: [{ group_name: 'Test', min_percentage: 100, max_percentage: 100, supplier_ids: ['980'] }],
  },
  private_exchange_allocations: { blocked_supplier_ids: [], groups: [] },
};
await call('update_target_group_allocation_specification', 'PUT', `${T}/allocation-specification`, 204, allocation);
await call('get_target_group_allocation_specification', 'GET', `${T}/allocation-specification`, 200);
allocation.open_exchange_allocations.groups[0].group_id = '999';
await call('update_target_group_allocation_specification', 'PUT', `${T}/allocation-specification`, 400, allocation);
const assistant = await call('get_fielding_assistant_assignment', 'GET', `${T}/fielding-assistant-assignment`, 200);
const modules = { pricing: { type: 'dynamic', maximum_cpi: usd('6.00') }, pacing: { type: 'adaptive', increment_interval: 'PT30M' } };
const assist = (status, body, options) =>
  call('create_or_update_fielding_assistant_assignment', 'PUT', `${T}/fielding-assistant-assignment`, status, body, options);
await assist(204, modules, { headers: { 'if-match': assistant.headers.get('etag') } });
await assist(412, modules, { headers: { 'if-match': assistant.headers.get('etag') } });
await assist(400, { pricing: { type: 'rate_card' } });
await assist(204, {});
await call('get_fielding_assistant_assignment', 'GET', `${T}/fielding-assistant-assignment`, 200);
const exclusions = { duration: 'P30D', respondent_activity_exclusions: [{ type: 'project', id: '01KH287TE2W1GKTJJ91QCCHWP9' }] };
const exclude = (status, body) =>
  call('set_target_group_respondent_activity_exclusions', 'PUT', `${T}/respondent-activity-exclusions`, status, body);
await exclude(204, exclusions);
await exclude(400, { respondent_activity_exclusions: [{ type: 'target-group', id: tg }] });
await exclude(400, { respondent_activity_exclusions: [{ type: 'project', id: '01KH287TE2W1GKTJJ91QCCHWP9', duration: 'P400D' }] });
await call('get_target_group_respondent_activity_exclusions', 'GET', `${T}/respondent-activity-exclusions`, 200);
await call('get_exclusion_by_project_api', 'GET', `${P}/exclusions`, 200);
const policies = [{ target_group_id: tg, project_exclusion_enabled: false }];
await call('update_bulk_target_group_exclusions_api', 'PUT', `${P}/exclusion-policies`, 204, policies);
await call('get_target_group_exclusion_policy_api', 'GET', `${T}/exclusion-policy`, 200);

// Exclusion groups of the account.
const EG = `${A}/exclusion-groups`;
const keep = (status, body, options) => call('create_exclusion_group', 'POST', EG, status, body, options);
const held = (await keep(201, { tag: 'waves', description: 'Waves of a tracker' })).json;
await keep(400, { tag: 'waves' }, { wrong: true });
await call('get_exclusion_groups_by_account_id', 'GET', EG, 200);
const G = `${EG}/${held.exclusion_group_id}`;
await call('get_exclusion_group_by_id', 'GET', G, 200);
await call('update_exclusion_group_by_id', 'PUT', G, 204, { description: 'Old waves' });
await call('add_target_groups_to_exclusion_group', 'POST', `${G}/target-groups/add`, 204, { data: [tg] });
await call('get_exclusion_group_target_group_exclusions', 'GET', `${G}/target-groups`, 200);
await call('get_exclusion_groups_for_target_group', 'GET', `${A}/target-groups/${tg}/exclusion-groups`, 200);
await call('delete_exclusion_group_by_id', 'DELETE', G, 409);
await call('remove_target_groups_from_exclusion_group', 'POST', `${G}/target-groups/remove`, 204, { data: [tg] });
await call('delete_exclusion_group_by_id', 'DELETE', G, 204);
await call('get_exclusion_group_by_id', 'GET', G, 404);

// Lists of respondents, who are asked again or kept out: files that a job takes in.
const someone = '3b2a1f64-9d5e-4c0f-8a77-1f0d2c3b4a5';
const form = (ids) => ['--x', 'content-disposition: form-data; name="file"; filename="ids.csv"', 'content-type: text/csv', '', ...ids, '--x--', ''].join('\r\n');
const takes = (ids) => [form(ids), { headers: { 'content-type': 'multipart/form-data; boundary=x' } }];
async function ended(operation, path, told, word) {
  const id = told.json.job_id;
  let json;
  do ({ json } = await call(operation, 'GET', `${path}/${id}`, 200));
  while (json.status === 'Processing');
  expect(json, word);
  return json;
}
for (const [list, word, begin, upload, uploaded, clear, cleared] of [
  ['recontacts', 'Completed', 'remove-all-rsids', 'recontact_create_upload_respondents_by_file_job', 'get_recontact_upload_respondents_by_file_job',
    'create_all_recontact_rsids_removal_job', 'recontacts_remove_all_rsids_job_status'],
  ['exclusions', 'Success', 'remove-all-respondents', 'exclusion_create_upload_rids_by_file_job', 'get_respondent_exclusions_upload_by_file_job',
    'exclusion_create_remove_all_respondents_job', 'get_all_respondent_exclusions_removal_job'],
]) {
  const sends = `${T}/${list}/jobs/upload-respondents-by-file`;
  const kind = '?entity_type=RSID';
  const sent = await call(upload, 'POST', sends + kind, 201, ...takes([`${someone}1`, `${someone}2`]));
  await call(upload, 'POST', sends + kind, 409, ...takes([`${someone}3`]));
  await ended(uploaded, sends, sent, word);
  const partly = await ended(uploaded, sends, await call(upload, 'POST', sends + kind, 201, ...takes([`${someone}3`, 'nobody'])), word);
  if (!partly.partial_success_reason?.description) problems.push(`${list}: somebody was left out and nothing says so`);
  await call(uploaded, 'GET', `${sends}/nothing`, 404);
  const [text, { headers }] = takes([`${someone}4`]);
  await call(upload, 'POST', `${sends}?entity_type=NAME`, 400, text, { headers, wrong: true });
  await call(`get_${list}_overview`, 'GET', `${T}/${list}/overview`, 200);
  const [reads, path] = list === 'recontacts' ? ['get_target_group_rsid_recontact_list', 'rsids'] : ['get_target_group_rsid_exclusion_list_api_paginated', 'rsid/paginated'];
  const listed = (await call(reads, 'GET', `${T}/${list}/${path}`, 200)).json.data;
  if (listed.length !== 3) problems.push(`${list}: ${listed.length} of 3 are listed`);
  const clears = `${T}/${list}/jobs/${begin}`;
  await ended(cleared, clears, await call(clear, 'POST', list === 'recontacts' ? clears : clears + kind, 201), word);
  await call(cleared, 'GET', `${clears}/nothing`, 404);
}

// Fielding runs.
const runs = (await call('get_fielding_runs_by_target_group_id', 'GET', `${T}/fielding-runs`, 200)).json;
const R = `${T}/fielding-runs/${runs.data[0].id}`;
let run = await call('get_fielding_run', 'GET', R, 200);
await call('get_fielding_run', 'GET', `${T}/fielding-runs/nothing`, 404);
const tagged = () => ({ headers: { 'if-match': run.headers.get('etag') } });
const act = (operation, word, status, options = tagged()) => call(operation, 'POST', `${R}/${word}`, status, undefined, options);
const dates = { start_fielding_at: run.json.start_fielding_at, end_fielding_at: days(12) };
run = await call('update_fielding_run', 'PUT', R, 202, dates, tagged());
await call('update_fielding_run', 'PUT', R, 412, dates, { headers: { 'if-match': 'W/"1"' } });
await call('update_fielding_run', 'PUT', R, 400, { ...dates, end_fielding_at: days(-1) }, tagged());
await act('resume_fielding_run', 'resume', 422);
await act('relaunch_fielding_run', 'relaunch', 422);
await act('launch_now_fielding_run', 'launch-now', 422);
run = await act('pause_fielding_run', 'pause', 204);
await act('pause_fielding_run', 'pause', 412, { headers: { 'if-match': 'W/"1"' } });
await act('pause_fielding_run', 'pause', 422);
await act('complete_fielding_run', 'complete', 422);
run = await act('resume_fielding_run', 'resume', 204);
run = await act('complete_fielding_run', 'complete', 204);
await call('update_fielding_run', 'PUT', R, 422, dates, tagged());
await call('update_filling_strategy', 'PUT', `${T}/filling-strategy`, 405, { filling_strategy: 'automated' });
run = await act('relaunch_fielding_run', 'relaunch', 204);
const S = `${P}/target-groups/${second}/fielding-runs/${second}`;
const scheduled = await call('get_fielding_run', 'GET', S, 200);
await call('launch_now_fielding_run', 'POST', `${S}/launch-now`, 200, undefined, { headers: { 'if-match': scheduled.headers.get('etag') } });
await call('launch_now_fielding_run', 'POST', `${missing}/fielding-runs/x/launch-now`, 404, undefined, tagged());

// Transitions and jobs over many.
const transitions = (status, body) => call('compute_target_group_transitions', 'POST', `${P}/compute-target-group-transitions`, status, body);
await transitions(200, { included_target_group_ids: [tg] });
await transitions(200, { filters: { status: ['archived'] } });
await transitions(200, { search_string: 'contract', filters: { country: ['us'], language: ['eng'] }, excluded_target_group_ids: [second] });
for (const verb of ['pause', 'resume', 'complete', 'relaunch', 'launch']) {
  const path = `${P}/batch-jobs/${verb}-fielding-runs-by-target-group-id`;
  const body = { target_group_ids: [tg, bare, '01BTGNYV6HRNK8K8VKZASZCFP0'] };
  const job = last(await call(`create_bulk_${verb}_target_groups_job`, 'POST', path, 201, body));
  for (;;) {
    const { json, status } = await call(`get_bulk_${verb}_target_groups_job`, 'GET', `${path}/${job}`, 200);
    if (status !== 200 || json.status !== 'Processing') break;
  }
  await call(`get_bulk_${verb}_target_groups_job`, 'GET', `${path}/nothing`, 404);
  await call(`create_bulk_${verb}_target_groups_job`, 'POST', path, 400, { target_group_ids: [] }, { wrong: true });
}
const managers = `${P}/batch-jobs/update-target-group-project-managers`;
const job = last(await call('create_bulk_update_target_group_project_manager_job', 'POST', managers, 201, { project_manager_id: colleague, target_group_ids: [tg] }));
for (let looks = 0; looks < 3; looks += 1) {
  await call('get_bulk_update_target_group_project_manager_job', 'GET', `${managers}/${job}`, 200);
}

// Numbers and history.
await respondents({ group: tg, completes: 3, cpi: '3.3333' });
await respondents({ group: tg, pause: 'high_drop_rates' });
await call('get_target_group_performance', 'GET', `${T}/performance`, 200);
await call('get_target_group_overview', 'GET', `${T}/overview`, 200);
await call('get_target_group_completes_aggregated_by_interval', 'GET', `${T}/completes-aggregated-by-interval`, 200);
await call('get_target_group_completes_aggregated_by_interval', 'GET', `${T}/completes-aggregated-by-interval?aggregation_interval=PT1H`, 200);
await call('get_target_group_completes_aggregated_by_interval', 'GET', `${T}/completes-aggregated-by-interval?aggregation_interval=often`, 400);
const log = (await call('get_target_group_changelog', 'GET', `${T}/changelog?page_size=3`, 200)).json;
await call('get_target_group_changelog', 'GET', `${T}/changelog?start_after=${log.next_cursor}`, 200);
await call('get_target_group_changelog', 'GET', `${T}/changelog?change_types=status_change`, 200);
await call('get_target_group_changelog', 'GET', `${T}/changelog?page_size=500`, 400);
await call('get_list_target_groups', 'GET', `${P}/target-groups`, 200);
await call('list_account_projects', 'GET', `${A}/projects`, 200);
await call('project_overview', 'GET', `${P}/overview`, 200);

// Reconciliations, whose files are no JSON.
async function file(operation, path, status, text) {
  const answer = await fetch(strict + path, {
    method: 'POST',
    body: text,
    headers: { authorization: `Bearer ${mine}`, 'cint-api-version': '2025-12-18', 'content-type': 'text/csv' },
  });
  calls += 1;
  seen.add(operation);
  const body = await answer.text();
  if (answer.status !== status) problems.push(`${operation} -> ${answer.status}, expected ${status}\n    ${body.slice(0, 600)}`);
  return JSON.parse(body);
}
const rids = ['a', 'b', 'c', 'd'].map((letter) => `0f1ce179-a917-49ff-9d50-b05fc91f7bd${letter}`);
await post('/_sandbox/transactions', {
  vendor: 'cint',
  group: tg,
  transactions: rids.map((transaction_id) => ({ transaction_id })),
});
const rejects = `${rids[0]},930\nnobody,930`;
await file('post_reconciliations', `${A}/reconciliations?name=a.csv`, 202, rejects);
await file('post_reconciliations', `${A}/reconciliations?name=a.csv`, 400, ' ');
const kept = await file('post_reconciliations_completes', `${P}/reconciliations/completes?name=b.csv`, 202, rids[2]);
const Q = `${A}/reconciliations/${kept.request_id}`;
for (let looks = 0; looks < 3; looks += 1) await call('get_reconciliation_by_request_id', 'GET', Q, 200);
await call('get_reconciliation_by_request_id', 'GET', `${A}/reconciliations/01BTGNYV6HRNK8K8VKZASZCFP0`, 404);
await call('get_reconciliations_by_account_id', 'GET', `${A}/reconciliations?name=csv&page_size=1`, 200);
await call('get_target_groups_by_request_id', 'GET', `${Q}/target-groups`, 200);
await call('get_target_group_by_request_id_and_target_group_id', 'GET', `${Q}/target-groups/${tg}`, 200);
await call('get_eligible_target_groups', 'GET', `${A}/reconciliations/eligible-target-groups?due_month=next_month`, 200);
await call('request_reconciliation_reason_codes', 'GET', `${A}/reconciliations/reason-codes`, 200);
const download = await fetch(`${strict}${Q}/downloads/remaining-project-completes`, {
  headers: { authorization: `Bearer ${mine}`, 'cint-api-version': '2025-12-18', accept: 'text/csv' },
});
seen.add('get_recon_downloads');
if ((await download.text()) !== `${rids[2]}\n`) problems.push(`the download is wrong: ${download.status}`);

// Faults and the rate limit's odd body.
await post('/_sandbox/faults', { vendor: 'cint', status: 429, headers: { 'retry-after': '1' }, path: '*/fielding-runs' });
await call('get_fielding_runs_by_target_group_id', 'GET', `${T}/fielding-runs`, 429);
await post('/_sandbox/faults', { vendor: 'cint', status: 500, path: '*/fielding-runs' });
await call('get_fielding_runs_by_target_group_id', 'GET', `${T}/fielding-runs`, 500);

// An answer without its required fields has to be noticed, or all of the above means nothing.
await post('/_sandbox/faults', { vendor: 'cint', status: 200, body: { nothing: true }, path: '*/overview' });
const broken = await fetch(`${strict}${T}/overview`, {
  headers: { authorization: `Bearer ${mine}`, 'cint-api-version': '2025-12-18' },
});
if (broken.status !== 500) problems.push(`a broken answer went through the strict proxy as ${broken.status}`);

function reentry() {
  const side = { allow_for_current_target_group: false, allow_for_other_target_groups: false };
  const both = { client_side: side, screener_side: side };
  return {
    completes: { client_side: side },
    pre_client_survey_processes: { screener_side: side },
    financial_terms: { screener_side: side },
    terminates: both,
    security_failures: both,
    overquota: both,
    in_screener: both,
  };
}

console.log(`${calls} calls of ${seen.size} operations`);
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
