import type { StandingBinding } from './container/binding-book.js';
import type { PlannedBinding } from './plan.js';
import { phaseNames, phaseNumber, type PhaseName } from './phase.js';
import { serviceName } from './container/service-name.js';

interface GraphNode {
  readonly token: string;
  readonly phase: PhaseName | 'host';
  readonly number: number;
  readonly implementation: string;
  readonly scope: string;
}
interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** A collected contribution: may come from a later phase. */
  readonly collected: boolean;
}
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** The container's graph from its own plans. */
export function buildGraph(
  planned: ReadonlyMap<number, PlannedBinding>,
  standing: ReadonlyMap<number, StandingBinding>,
  phaseOf: (id: number) => PhaseName | undefined,
): Graph {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  for (const binding of planned.values()) {
    const token = serviceName(binding.service);
    const phase = phaseOf(binding.id);
    const alias = standing.get(binding.id)?.alias ?? binding.target;
    const implementation = alias === undefined ? binding.implementation?.name : `alias of ${serviceName(alias)}`;
    const key = nodes.has(token) ? `${token}:${implementation ?? ''}:${binding.id}` : token;
    nodes.set(key, {
      token,
      phase: phase ?? 'host',
      number: phase === undefined ? 0 : phaseNumber(phase),
      implementation: implementation ?? binding.kind,
      scope: alias === undefined ? (binding.scope ?? 'alias') : 'alias',
    });
    for (const need of binding.needs) {
      const to = serviceName(need.service);
      edges.set(`${token}>${to}`, { from: token, to, collected: need.many });
    }
  }
  const order = (a: GraphNode, b: GraphNode): number =>
    a.number - b.number || a.token.localeCompare(b.token) || a.implementation.localeCompare(b.implementation);
  return {
    nodes: [...nodes.values()].sort(order),
    edges: [...edges.values()].sort((a, b) => a.from.localeCompare(b.from) || a.to.localeCompare(b.to)),
  };
}

export function renderGraph(graph: Graph, format: 'mermaid' | 'dot' | 'json'): string {
  if (format === 'json') return JSON.stringify(graph, null, 2);
  const groups = [...phaseNames(), 'host' as const].map((phase) => ({
    phase,
    tokens: [...new Set(graph.nodes.filter((node) => node.phase === phase).map((node) => node.token))],
  }));
  return format === 'mermaid' ? mermaid(groups, graph.edges) : dot(groups, graph.edges);
}

interface Group {
  readonly phase: PhaseName | 'host';
  readonly tokens: readonly string[];
}

const title = (phase: PhaseName | 'host'): string => (phase === 'host' ? 'host' : `0${phaseNumber(phase)} ${phase}`);

function mermaid(groups: readonly Group[], edges: readonly GraphEdge[]): string {
  const lines = ['flowchart LR'];
  for (const { phase, tokens } of groups) {
    if (tokens.length === 0) continue;
    lines.push(`  subgraph ${phase}["${title(phase)}"]`, ...tokens.map((token) => `    ${token}`), '  end');
  }
  for (const edge of edges) lines.push(`  ${edge.from} ${edge.collected ? '-.->' : '-->'} ${edge.to}`);
  return lines.join('\n');
}

function dot(groups: readonly Group[], edges: readonly GraphEdge[]): string {
  const lines = ['digraph perpsbot {', '  rankdir=LR; node [shape=box];'];
  groups.forEach(({ phase, tokens }, index) => {
    if (tokens.length > 0)
      lines.push(
        `  subgraph cluster_${index} { label="${title(phase)}"; ${tokens.map((token) => `"${token}";`).join(' ')} }`,
      );
  });
  for (const edge of edges) lines.push(`  "${edge.from}" -> "${edge.to}"${edge.collected ? ' [style=dashed]' : ''};`);
  return [...lines, '}'].join('\n');
}
