import assert from 'node:assert/strict';
import {
  createDelayRuntime,
  createKubeApi,
  type AuditEntry,
  type JsonObject,
  type KubeApi,
  type KubeApiOptions,
} from '../../../../src/sandbox/models/kube-api/index.ts';
import { objectAt, objectsAt, parseJson, stringAt } from '../../../../src/sandbox/models/kube-api/json.ts';
import type { ModelTime } from '../../../../src/sandbox/models/time.ts';

export const START = Date.parse('2026-03-01T12:00:00Z');

export interface VirtualTime extends ModelTime {
  advance(ms: number): void;
  pending(): number;
}

export function virtualTime(): VirtualTime {
  let now = START;
  let count = 0;
  const tasks = new Map<number, { readonly at: number; readonly task: () => void }>();
  const due = (end: number) =>
    [...tasks].filter(([, one]) => one.at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
  return {
    now: () => now,
    after: (ms, task) => {
      const id = (count += 1);
      tasks.set(id, { at: now + ms, task });
      return () => {
        tasks.delete(id);
      };
    },
    advance: (ms) => {
      const end = now + ms;
      for (let next = due(end); next !== undefined; next = due(end)) {
        tasks.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].task();
      }
      now = end;
    },
    pending: () => tasks.size,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

export interface Watching {
  /** Type and object of each event so far; clears them. */
  take(): readonly { readonly type: string; readonly object: JsonObject }[];
  ended(): boolean;
  cancel(): void;
}

export interface Fixture {
  readonly time: VirtualTime;
  readonly api: KubeApi;
  readonly audit: AuditEntry[];
  readonly call: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Answer;
  /** As `call`, and fails unless the answer is a success. */
  readonly ok: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => JsonObject;
  readonly watch: (path: string, headers?: Readonly<Record<string, string>>) => Watching;
}

const PATCHES: Readonly<Record<string, string>> = { PATCH: 'application/merge-patch+json' };

export function fixture(options: Partial<KubeApiOptions> & { readonly time?: VirtualTime } = {}): Fixture {
  const time = options.time ?? virtualTime();
  const audit: AuditEntry[] = [];
  const api = createKubeApi({
    name: 'use1',
    clusterUid: '3f0c2d52-0000-4000-a000-000000000001',
    pods: createDelayRuntime({ time }),
    audit: (entry) => audit.push(entry),
    ...options,
    time,
  });
  const call: Fixture['call'] = (method, path, body, headers = {}) => {
    const response = api.handle({
      method,
      path,
      headers: { 'content-type': PATCHES[method] ?? 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    assert.ok('body' in response, `${method} ${path} answered with a stream`);
    const json = response.headers['content-type'] === 'application/json';
    return {
      status: response.status,
      headers: response.headers,
      body: json ? objectAt(parseJson(response.body)) : { text: response.body },
    };
  };
  return {
    time,
    api,
    audit,
    call,
    ok: (method, path, body, headers) => {
      const answer = call(method, path, body, headers);
      assert.ok(
        answer.status < 300,
        `${method} ${path}: ${String(answer.status)} ${String(stringAt(answer.body, 'message'))}`,
      );
      return answer.body;
    },
    watch: (path, headers = {}) => {
      const response = api.handle({ method: 'GET', path, headers });
      assert.ok('stream' in response, `GET ${path} did not answer with a stream`);
      let events: { readonly type: string; readonly object: JsonObject }[] = [];
      let ended = false;
      const cancel = response.stream(
        (line) => {
          assert.ok(line.endsWith('\n'));
          const event = parseJson(line);
          events.push({ type: stringAt(event, 'type') ?? '', object: objectAt(event, 'object') });
        },
        () => {
          ended = true;
        },
      );
      return {
        take: () => {
          const taken = events;
          events = [];
          return taken;
        },
        ended: () => ended,
        cancel,
      };
    },
  };
}

export function message(answer: Answer): string {
  return stringAt(answer.body, 'message') ?? '';
}

export function items(list: JsonObject): readonly JsonObject[] {
  return objectsAt(list, 'items');
}

export function names(list: JsonObject): readonly string[] {
  return items(list).map((item) => stringAt(item, 'metadata', 'name') ?? '');
}

/** A definition with one of everything that the tests need; `spec` replaces the schema of `spec`. */
export function widgetCrd(spec: JsonObject = WIDGET_SPEC, more: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.test.maestro.io' },
    spec: {
      group: 'test.maestro.io',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', shortNames: ['wg'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
            { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: {
            openAPIV3Schema: { type: 'object', required: ['spec'], properties: { spec, status: STATUS }, ...more },
          },
        },
      ],
    },
  };
}

const STATUS: JsonObject = {
  type: 'object',
  properties: {
    phase: { type: 'string' },
    conditions: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: {
        type: 'object',
        required: ['type', 'status'],
        properties: { type: { type: 'string' }, status: { type: 'string' } },
      },
    },
  },
};

const WIDGET_SPEC: JsonObject = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10 },
    color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
    note: { type: 'string' },
  },
};

export const WIDGETS = '/apis/test.maestro.io/v1/namespaces/default/widgets';

export function widget(name: string, spec: JsonObject = { size: 3 }): JsonObject {
  return { apiVersion: 'test.maestro.io/v1', kind: 'Widget', metadata: { name }, spec };
}

/** A cluster that serves widgets. */
export function withWidgets(spec?: JsonObject, more?: JsonObject): Fixture {
  const made = fixture();
  made.ok('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetCrd(spec, more));
  return made;
}

export const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

export function deployment(name: string, replicas: number, annotations: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations },
        spec: { containers: [{ name: 'main', image: 'shop:1' }] },
      },
    },
  };
}
