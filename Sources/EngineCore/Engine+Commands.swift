import DurableModel

// What callers outside ask.
extension Engine {
    mutating func take(_ command: ClientCommand, from caller: CallerToken, entropy: Entropy) throws(Wait) {
        switch command {
        case .invoke(let invoke): try take(invoke, from: caller, entropy: entropy)
        case .attach(let id):
            guard let invocation = try find(id) else { return answer(caller, .unknown(id)) }
            answerWhenCompleted(invocation, to: caller)
        case .output(let id):
            guard let invocation = try find(id) else { return answer(caller, .unknown(id)) }
            if invocation.isCompleted {
                answerWhenCompleted(invocation, to: caller)
            } else {
                answer(caller, .notCompleted(id))
            }
        case .completeAwakeable(let id, let outcome):
            let invocation = try find(id.invocation)
            completeAwakeable(id, of: invocation, with: outcome)
            answer(caller, .awakeableTaken)
        case .steer(let id, let steering):
            guard let invocation = try find(id) else { return answer(caller, .steered(.unknown)) }
            answer(caller, .steered(try steer(invocation, steering, entropy: entropy)))
        }
    }

    private mutating func take(_ invoke: InvokeCommand, from caller: CallerToken, entropy: Entropy) throws(Wait) {
        guard let handler = catalog.handler(invoke.target) else {
            // The ingress has looked already; a command from elsewhere gets the same answer.
            return answer(caller, .unknown(.fresh(target: invoke.target, nowMs: clockMs, entropy: entropy)))
        }
        let id = identity(of: invoke.target, handler, idempotencyKey: invoke.idempotencyKey, entropy: entropy)
        let isPromised = isPromised(handler, idempotencyKey: invoke.idempotencyKey)
        if isPromised, let existing = try find(id) {
            return meet(existing, with: invoke, caller)
        }
        let object = invoke.target.object
        if let refusal = refusal(of: object, handler, isPromised: isPromised) {
            // It says nothing of what is recorded: it need not wait for the disk, which may be what is slow.
            return turn.internalEffects.append(.refuse(caller, refusal))
        }
        var scheduledForMs: Int64?
        if case .send(let delayMs?) = invoke.mode { scheduledForMs = clockMs.after(delayMs) }
        let invocation = accept(
            Acceptance(
                id: id, target: invoke.target, kind: handler.kind, input: invoke.input, headers: invoke.headers,
                idempotencyKey: invoke.idempotencyKey, createdAtMs: clockMs, scheduledForMs: scheduledForMs,
                seed: entropy.seed, isPromised: isPromised),
            by: handler, of: object)
        switch invoke.mode {
        case .call: answerWhenCompleted(invocation, to: caller)
        case .send: answer(caller, .accepted(id, executionTimeMs: scheduledForMs, isNew: true))
        }
    }

    /// An invocation with this identity exists: callers attach to it or get its stored result. A workflow runs once
    /// per key, and a second call is told so (ingress reference 9.2).
    private mutating func meet(_ existing: Resident, with invoke: InvokeCommand, _ caller: CallerToken) {
        switch invoke.mode {
        case .call where existing.acceptance.kind == .workflowRun && !invoke.attachesToWorkflow:
            let conflict = TerminalFailure(code: 409, message: "the workflow method was already invoked")
            answer(caller, .result(existing.id, .failure(conflict), expiresAtMs: nil))
        case .call:
            answerWhenCompleted(existing, to: caller)
        case .send:
            let isWaiting = existing.progress.status == .scheduled || existing.progress.status == .pending
            let executionTimeMs = isWaiting ? existing.acceptance.scheduledForMs : nil
            answer(caller, .accepted(existing.id, executionTimeMs: executionTimeMs, isNew: false))
        }
    }

    mutating func answerWhenCompleted(_ invocation: Resident, to caller: CallerToken) {
        if let outcome = invocation.progress.outcome {
            answer(caller, .result(invocation.id, outcome, expiresAtMs: invocation.progress.expiresAtMs))
        } else {
            remember(caller, waitingFor: invocation.serial)
        }
    }

    /// Takes out what it changes and puts it back: to change it inside of the dictionary costs three allocations.
    private mutating func remember(_ caller: CallerToken, waitingFor serial: InvocationSerial) {
        if var waiting = callers.removeValue(forKey: serial) {
            waiting.others.append(caller)
            callers[serial] = waiting
        } else {
            callers[serial] = Callers(first: caller)
        }
    }

    private mutating func refusal(
        of object: ObjectID?, _ handler: HandlerDescriptor, isPromised: Bool
    ) -> Refusal? {
        if live.count >= limits.liveAttemptsMax { makeRoom() }
        if live.count >= limits.liveAttemptsMax {
            return Refusal(
                status: 429, message: "\(liveAttempts) invocations are executing; try again later",
                retryAfterSeconds: 1)
        }
        if handler.kind == .exclusive, let object,
            lanes[object]?.waiting.count ?? 0 >= limits.laneDepthMax
        {
            return Refusal(
                status: 429, message: "\(limits.laneDepthMax) invocations wait for this key; try again later",
                retryAfterSeconds: 1)
        }
        if isPromised, retainedPromised >= limits.retainedPromisedMax {
            return Refusal(
                status: 503,
                message: "as many results as the server may keep are promised already; try again without "
                    + "idempotency key, or when some have expired", retryAfterSeconds: 60)
        }
        return nil
    }

    func isPromised(_ handler: HandlerDescriptor, idempotencyKey: String?) -> Bool {
        idempotencyKey != nil || handler.kind == .workflowRun
    }

    func identity(
        of target: InvocationTarget, _ handler: HandlerDescriptor, idempotencyKey: String?, entropy: Entropy
    ) -> InvocationID {
        if handler.kind == .workflowRun, let key = target.key {
            return .workflowRun(service: target.service, key: key)
        }
        if let idempotencyKey { return .idempotent(target: target, key: idempotencyKey) }
        return .fresh(target: target, nowMs: clockMs, entropy: entropy)
    }

    mutating func completeAwakeable(_ id: AwakeableID, of invocation: Resident?, with outcome: Outcome) {
        guard let invocation, !invocation.isCompleted else { return }
        let index = invocation.journal.firstIndex { entry in
            if case .signal(id.index) = entry.detail { entry.completion == nil } else { false }
        }
        guard let index else { return }
        complete(index, of: invocation, with: .outcome(outcome))
    }
}
