import { describe, expect, it } from "vitest";
import { Budget, MESSAGE_OVERHEAD } from "../src/budget.ts";

describe("the inbound budget", () => {
  it("takes messages up to its limit, each with its overhead", () => {
    const budget = new Budget({ inbound: 200 + 2 * MESSAGE_OVERHEAD, namespaces: 1 });
    expect(budget.chargeInbound(100)).toBeUndefined();
    expect(budget.chargeInbound(100)).toBeUndefined();
    expect(budget.chargeInbound(0)).toBe("ERR_BUDGET_INBOUND");
  });

  it("is not outwitted by empty messages", () => {
    const budget = new Budget({ inbound: 10 * MESSAGE_OVERHEAD, namespaces: 1 });
    const refusals = Array.from({ length: 11 }, () => budget.chargeInbound(0));
    expect(refusals).toEqual([...Array.from({ length: 10 }), "ERR_BUDGET_INBOUND"]);
  });

  it("is whole again when all messages have been handled", () => {
    const budget = new Budget({ inbound: 100 + MESSAGE_OVERHEAD, namespaces: 1 });
    budget.chargeInbound(100);
    budget.settleInbound();
    expect(budget.chargeInbound(100)).toBeUndefined();
  });

  it("goes on counting what belongs to a packet still to come", () => {
    const budget = new Budget({ inbound: 100 + 2 * MESSAGE_OVERHEAD, namespaces: 1 });
    budget.chargeInbound(60);
    budget.settleInbound(60 + MESSAGE_OVERHEAD);
    expect(budget.chargeInbound(40)).toBeUndefined();
    expect(budget.chargeInbound(0)).toBe("ERR_BUDGET_INBOUND");
  });

  it("may be without limit", () => {
    const budget = new Budget({ inbound: Infinity, namespaces: Infinity });
    expect(budget.chargeInbound(Number.MAX_SAFE_INTEGER)).toBeUndefined();
    expect(budget.chargeNamespace()).toBeUndefined();
  });
});

describe("the budget of namespaces", () => {
  it("takes as many as its limit says", () => {
    const budget = new Budget({ inbound: 0, namespaces: 2 });
    expect([1, 2, 3].map(() => budget.chargeNamespace())).toEqual([undefined, undefined, "ERR_BUDGET_NAMESPACES"]);
  });

  it("takes another when one was left, and a refusal costs nothing", () => {
    const budget = new Budget({ inbound: 0, namespaces: 1 });
    budget.chargeNamespace();
    budget.chargeNamespace();
    budget.releaseNamespace();
    expect(budget.chargeNamespace()).toBeUndefined();
    expect(budget.chargeNamespace()).toBe("ERR_BUDGET_NAMESPACES");
  });
});
