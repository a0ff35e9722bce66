namespace Akka.Cluster.Tools.Singleton;

/// <summary>Where a manager is with its singleton.</summary>
internal enum HandOverState
{
    /// <summary>Somebody else has it, or nobody.</summary>
    Younger,

    /// <summary>This is the oldest; one before it may still run the singleton.</summary>
    BecomingOldest,

    /// <summary>Nobody else runs it; the lease is not here yet.</summary>
    AcquiringLease,

    /// <summary>It runs here.</summary>
    Oldest,

    /// <summary>It runs here still, and the next oldest is asked to take it.</summary>
    WasOldest,

    /// <summary>It is being stopped for the next oldest.</summary>
    HandingOver,

    /// <summary>It is being stopped because the lease is lost.</summary>
    LosingLease,

    /// <summary>It is being stopped because this node was downed.</summary>
    Stopping,

    /// <summary>It does not run here and will not again.</summary>
    End,
}

/// <summary>What <see cref="HandOver"/> does to the world around it.</summary>
internal interface IHandOverPort
{
    /// <summary>Sends to the manager of the same singleton on that member.</summary>
    void Send(UniqueAddress member, IClusterSingletonMessage message);

    void StartSingleton();

    /// <summary>Asks the singleton to end; <see cref="HandOver.SingletonStopped"/> follows, at once when there is none.</summary>
    void StopSingleton();

    /// <summary>Asks for the lease; <see cref="HandOver.LeaseAnswered"/> follows.</summary>
    void AcquireLease();

    void ReleaseLease();

    /// <summary>Calls <see cref="HandOver.RetryIsDue"/> after the interval for what is being retried, once.</summary>
    void ScheduleRetry(TimeSpan delay);

    /// <summary>Calls <see cref="HandOver.MarginIsOver"/> for that member after the removal margin.</summary>
    void ScheduleMargin(UniqueAddress member, TimeSpan delay);

    /// <summary>This node's part is over: nothing of the singleton is left here.</summary>
    void Ended();
}

/// <summary>What is fixed about a singleton.</summary>
internal sealed record HandOverSettings(TimeSpan RetryInterval, TimeSpan RemovalMargin, TimeSpan? LeaseRetryInterval);

/// <summary>A member as the hand-over sees it.</summary>
internal readonly record struct AgedMember(UniqueAddress Address, MemberStatus Status);

/// <summary>
/// One node's part in having a singleton run on the oldest member and nowhere else. No clock, no network, no actor: those are behind
/// <see cref="IHandOverPort"/>. A member starts the singleton when it is the oldest that is Up or Leaving, and everybody before it was
/// either removed (for at least the margin, when it had been downed) or has said that it runs the singleton no more.
/// </summary>
internal sealed class HandOver(UniqueAddress self, HandOverSettings settings, IHandOverPort port)
{
    private readonly HashSet<UniqueAddress> _handedOver = [];
    private readonly HashSet<UniqueAddress> _inMargin = [];
    private IReadOnlyList<AgedMember> _members = [];
    private UniqueAddress? _next;
    private bool _retryScheduled;

    public HandOverState State { get; private set; } = HandOverState.Younger;

    private UniqueAddress? Oldest =>
        _members.FirstOrDefault(member => member.Status is MemberStatus.Up or MemberStatus.Leaving).Address;

    private MemberStatus? SelfStatus =>
        _members.Any(member => member.Address == self) ? _members.First(member => member.Address == self).Status : null;

    private List<UniqueAddress> Predecessors =>
        [
            .. _members
                .TakeWhile(member => member.Address != self)
                .Select(member => member.Address)
                .Concat(_inMargin)
                .Where(member => !_handedOver.Contains(member)),
        ];

    /// <summary>Takes the members with the singleton's role, the oldest first, without those not yet Up.</summary>
    public void MembersChanged(IReadOnlyList<AgedMember> members)
    {
        _members = members;
        Evaluate();
    }

    /// <summary>A member is gone; call before <see cref="MembersChanged"/> leaves it out.</summary>
    public void MemberRemoved(UniqueAddress member, bool wasDowned)
    {
        if (member == self)
        {
            StopForGood();
            return;
        }
        _handedOver.Remove(member);
        var before = _members.TakeWhile(each => each.Address != self).Any(each => each.Address == member);
        if (before && wasDowned && settings.RemovalMargin > TimeSpan.Zero && _inMargin.Add(member))
            port.ScheduleMargin(member, settings.RemovalMargin);
    }

    public void MarginIsOver(UniqueAddress member)
    {
        _inMargin.Remove(member);
        Evaluate();
    }

    /// <summary>This node was downed: the rest of the cluster goes on without it.</summary>
    public void SelfDowned() => StopForGood();

    public void Receive(IClusterSingletonMessage message, UniqueAddress from)
    {
        switch (message)
        {
            case HandOverToMe:
                HandOverTo(from);
                break;
            case HandOverDone:
                _handedOver.Add(from);
                Evaluate();
                break;
            case TakeOverFromMe when State is HandOverState.BecomingOldest:
                port.Send(from, HandOverToMe.Instance);
                break;
        }
    }

    public void SingletonStopped()
    {
        switch (State)
        {
            case HandOverState.HandingOver:
                if (_next is not null)
                    port.Send(_next, HandOverDone.Instance);
                End();
                break;
            case HandOverState.Stopping:
                End();
                break;
            case HandOverState.LosingLease:
                BecomeOldest();
                break;
        }
    }

    public void LeaseAnswered(bool acquired)
    {
        if (State != HandOverState.AcquiringLease)
        {
            if (acquired && State is HandOverState.End or HandOverState.Younger)
                port.ReleaseLease();
            return;
        }
        if (acquired)
        {
            State = HandOverState.Oldest;
            port.StartSingleton();
            Evaluate();
        }
        else
        {
            Retry(settings.LeaseRetryInterval ?? settings.RetryInterval);
        }
    }

    public void LeaseLost()
    {
        if (State is not (HandOverState.Oldest or HandOverState.WasOldest))
            return;
        State = HandOverState.LosingLease;
        port.StopSingleton();
    }

    public void RetryIsDue()
    {
        _retryScheduled = false;
        switch (State)
        {
            case HandOverState.BecomingOldest:
                AskPredecessors();
                break;
            case HandOverState.WasOldest:
                OfferToNext();
                break;
            case HandOverState.AcquiringLease:
                port.AcquireLease();
                break;
        }
    }

    private void Evaluate()
    {
        switch (State)
        {
            case HandOverState.Younger
            or HandOverState.BecomingOldest
            or HandOverState.AcquiringLease when SelfStatus is MemberStatus.Exiting:
                End();
                break;
            case HandOverState.Younger when Oldest == self:
                State = HandOverState.BecomingOldest;
                if (!BecomeOldestIfAlone())
                    AskPredecessors();
                break;
            case HandOverState.BecomingOldest:
                BecomeOldestIfAlone();
                break;
            case HandOverState.Oldest when SelfStatus is MemberStatus.Exiting:
                State = HandOverState.WasOldest;
                OfferToNext();
                break;
            case HandOverState.WasOldest when Oldest is null:
                HandOverTo(null);
                break;
        }
        if (SelfStatus is MemberStatus.Down)
            StopForGood();
    }

    private bool BecomeOldestIfAlone()
    {
        if (Oldest != self || Predecessors.Count > 0)
            return false;
        BecomeOldest();
        return true;
    }

    private void BecomeOldest()
    {
        if (settings.LeaseRetryInterval is not null)
        {
            State = HandOverState.AcquiringLease;
            port.AcquireLease();
            return;
        }
        State = HandOverState.Oldest;
        port.StartSingleton();
    }

    private void AskPredecessors()
    {
        foreach (var predecessor in Predecessors.Where(member => !_inMargin.Contains(member)))
            port.Send(predecessor, HandOverToMe.Instance);
        Retry(settings.RetryInterval);
    }

    private void OfferToNext()
    {
        if (Oldest is { } next)
        {
            port.Send(next, TakeOverFromMe.Instance);
            Retry(settings.RetryInterval);
        }
        else
        {
            HandOverTo(null);
        }
    }

    private void HandOverTo(UniqueAddress? next)
    {
        switch (State)
        {
            case HandOverState.Oldest or HandOverState.WasOldest or HandOverState.LosingLease:
                // The one that asks has seen this node leave, perhaps before this node's own view shows it.
                var stopping = State == HandOverState.LosingLease;
                State = HandOverState.HandingOver;
                _next = next;
                if (next is not null)
                    port.Send(next, HandOverInProgress.Instance);
                if (!stopping)
                    port.StopSingleton();
                break;
            case HandOverState.HandingOver when next is not null:
                _next = next;
                port.Send(next, HandOverInProgress.Instance);
                break;
            case HandOverState.AcquiringLease:
                _next = next;
                End();
                if (next is not null)
                    port.Send(next, HandOverDone.Instance);
                break;
            case HandOverState.Younger or HandOverState.BecomingOldest or HandOverState.End when next is not null:
                // Nothing of it runs here. One that asks an older member has seen it leave, so it will not start here again.
                if (State != HandOverState.End)
                    End();
                port.Send(next, HandOverDone.Instance);
                break;
        }
    }

    private void StopForGood()
    {
        switch (State)
        {
            case HandOverState.Oldest or HandOverState.WasOldest:
                State = HandOverState.Stopping;
                port.StopSingleton();
                break;
            case HandOverState.LosingLease:
                State = HandOverState.Stopping;
                break;
            case HandOverState.Younger or HandOverState.BecomingOldest or HandOverState.AcquiringLease:
                End();
                break;
        }
    }

    private void End()
    {
        State = HandOverState.End;
        if (settings.LeaseRetryInterval is not null)
            port.ReleaseLease();
        port.Ended();
    }

    private void Retry(TimeSpan delay)
    {
        if (_retryScheduled)
            return;
        _retryScheduled = true;
        port.ScheduleRetry(delay);
    }
}
