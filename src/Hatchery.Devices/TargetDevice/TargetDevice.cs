using System.Data.Common;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Devices;

/// <summary>A device's keeper: decides by <see cref="DeviceRules"/>, persists, then replies; places sessions and grants epochs.</summary>
public sealed partial class TargetDevice : FarmEntity<DeviceState, IDeviceEvent>
{
    /// <summary>After so long the keeper of a device that is off leaves the memory; of a hundred thousand devices most are off, or never booted.</summary>
    private static readonly TimeSpan s_offIdle = TimeSpan.FromMinutes(2);

    /// <summary>How long a device waits for a member to be reached before its collection may have it boot.</summary>
    public static readonly TimeSpan PatienceBeforeReboot = TimeSpan.FromSeconds(30);

    private readonly Func<IActorRef> _vDisks;
    private readonly DeviceReturns _returns;
    private (Guid Request, Reply Reply) _answered;

    /// <summary>Since when a boot that goes on has found nobody to go on with.</summary>
    private long? _waitingSince;

    /// <param name="vDisks">The region of vDisks.</param>
    public TargetDevice(DeviceId id, FarmServices farm, Func<IActorRef> vDisks)
        : base(PersistenceIds.Of(id), DeviceState.Unknown(id), farm)
    {
        (_vDisks, _returns) = (vDisks, new(farm.Time));
        CommandAsync<OpenSession>(OpenAsync);
        CommandAsync<ConfirmSession>(ConfirmAsync);
        CommandAsync<LetGoVersion>(LetGoAsync);
        Command<ChooseMember>(Choose);
        CommandAsync<AddMember>(AddMemberAsync);
        CommandAsync<ReportPhase>(ReportAsync);
        Command<ReleaseSecrets>(Release);
        Command<IDeviceCommand>(Decide);
        Command<ReceiveTimeout>(_ => Context.Parent.Tell(new Passivate(EntityStop.Instance)));
    }

    public static Props Props(DeviceId id, FarmServices farm, Func<IActorRef> vDisks) =>
        Akka.Actor.Props.Create(() => new TargetDevice(id, farm, vDisks));

    /// <summary>The device's own, or what its collection boots as this server's farm view has it.</summary>
    private Assignment? Assignment => Farm.View.Current.AssignmentOf(State);

    /// <summary>That of a running device has to answer at once when its server is gone.</summary>
    protected override void Changed() => Context.SetReceiveTimeout(State.Phase == DevicePhase.Off ? s_offIdle : null);

    private void Decide(IDeviceCommand command) =>
        Answer(
            DeviceRules.Decide(State, command, Farm.Time.GetUtcNow()),
            Sender,
            () => new Reply.Done(PersistenceId, LastSequenceNr)
        );

    private void Release(ReleaseSecrets command) =>
        Answer(
            DeviceRules.Decide(State, command, Farm.Time.GetUtcNow()),
            Sender,
            () => new SecretsGrant(State.OwnSecrets.Sealed)
        );

    private async Task OpenAsync(OpenSession command)
    {
        var asker = Sender;
        if (IsRefusedInDoubt(asker))
            return;
        if (command.Request != default && command.Request == _answered.Request)
        {
            asker.Tell(_answered.Reply);
            return;
        }
        if (command.Follows is null)
            _returns.Came(command.Server);
        try
        {
            var row = await Farm.Sessions.ReadAsync(State.Id);
            // Once more: a row that was read after a standstill may be a successor's, and then this state does not go with it.
            if (IsRefusedInDoubt(asker))
                return;
            if (command.Seen != default && row?.Epoch > command.Seen)
            {
                asker.Tell(Overtaken());
                return;
            }
            // The session that is to be followed may be over: then whoever has opened a later one knows better.
            if (command.Follows is { } follows && (row is not { Phase: SessionPhase.Open } || row.Epoch != follows))
            {
                asker.Tell(Overtaken());
                return;
            }
            switch (DeviceRules.Admit(State, command.Boot, Assignment))
            {
                case Admission.No no:
                    asker.Tell(new Reply.Refused(no.Refusal, no.Reason));
                    break;
                case Admission.Continue:
                    await ContinueAsync(command, row, asker);
                    break;
                case Admission.Boot when command.Follows is not null:
                    asker.Tell(Overtaken());
                    break;
                case Admission.Boot boot:
                    await BootAsync(command, boot.Assignment, row, asker);
                    break;
            }
        }
        catch (Exception away) when (away is DbException or AskTimeoutException or TimeoutException)
        {
            asker.Tell(Away(away));
        }
    }

    private async Task ContinueAsync(OpenSession command, SessionRow? row, IActorRef asker)
    {
        var boot = State.Boot!;
        // No streamer ever said that it has this boot's disk: the grant was lost, or its server was, and there is nothing to go on with.
        if (row is { Phase: SessionPhase.Booting } && row.Boot == boot.Id && Assignment is { } assignment)
        {
            await BootAsync(command with { Boot = boot.Id }, assignment, row, asker);
            return;
        }
        var session = SessionOf(row);
        var isWaiting = session.Phase == SessionPhase.Opening;
        if (!IsPlacedHere(command, session, asker, out var isNowhere))
        {
            if (isNowhere && !IsGivenUp(session, isWaiting: true, asker))
                asker.Tell(Unreachable(command, session));
            return;
        }
        if (IsGivenUp(session, isWaiting, asker))
            return;
        // What a device that is off ran from may have been given up.
        if (State.Phase == DevicePhase.Off)
        {
            if (
                await TakeAsync(new(boot.VDisk, default, boot.Mode), boot.Version, asker, boot.Writes)
                is not { } granted
            )
                return;
            if ((granted.Version.Number, granted.Writes) != (boot.Version, boot.Writes))
            {
                asker.Tell(
                    new Reply.Refused(
                        Refusal.NotFound,
                        $"{State.Name}: version {boot.Version}, which it ran from, was deleted: it has to boot"
                    )
                );
                return;
            }
        }
        // An operator may have broken its lock, and another device have the vDisk now; or have closed the version that it writes.
        if (
            boot.Mode is DiskMode.Private or DiskMode.Maintenance
            && await _vDisks().Ask<Reply>(new HoldLock(boot.VDisk, State.Id, boot.Writes), Farm.AskTimeout)
                is Reply.Refused locked
            && (locked.Refusal == Refusal.Conflict || boot.Writes is not null)
        )
        {
            asker.Tell(locked);
            return;
        }
        if (
            SessionRules.Reopen(session, State.Epoch, command.Server) is not { } wanted
            || await Farm.Sessions.SwapAsync(wanted) is not { } swapped
        )
        {
            asker.Tell(Overtaken());
            return;
        }
        var transport = Assignment?.Transport ?? BootTransport.San;
        Answer(
            Decision<IDeviceEvent>.Of(new SessionReopened(swapped.Epoch, command.Server, Farm.Time.GetUtcNow())),
            asker,
            () => Remember(command, Grant(swapped, transport, isNewBoot: false, retired: null))
        );
    }

    /// <summary>
    /// The session row of the current boot. One of another boot, or none: the table was lost, and the journal knows where the write cache was last.
    /// The row is the authority on epochs, and may be ahead of the journal when a server died in between.
    /// </summary>
    private SessionRow SessionOf(SessionRow? row)
    {
        var boot = State.Boot!;
        return row is { } known && known.Boot == boot.Id
            ? known
            : SessionRules.Boot(State.Id, row, State.Epoch, boot.Id, boot.Server, boot.Layers) with
            {
                Epoch = row?.Epoch ?? default,
            };
    }

    /// <summary>False when the session cannot be at the server that asks: the asker was told where it can be, unless it can be nowhere.</summary>
    private bool IsPlacedHere(OpenSession command, SessionRow session, IActorRef asker, out bool isNowhere)
    {
        var placed = SessionPlacement.Of(session, command, State.Placement, Farm.Servers(), _returns);
        isNowhere = placed is SessionPlacement.Nowhere;
        if (placed is SessionPlacement.Elsewhere elsewhere)
        {
            _returns.Sent(elsewhere.Server);
            asker.Tell(Remember(command, new Reply.Elsewhere(elsewhere.Server, $"{State.Name}: {CopiesOf(session)}")));
        }
        return placed is SessionPlacement.Here;
    }

    private Reply.Refused Unreachable(OpenSession command, SessionRow session) =>
        new(
            Refusal.Unavailable,
            $"{State.Name}: {CopiesOf(session)}, none of which can be reached now{(command.Obstacle is { } o ? $"; {o}" : "")}"
        );

    /// <summary>
    /// True when the asker was told that the device has to boot: its collection has it do so rather than wait, nobody could open its session for
    /// a while, and a member is out of reach.
    /// </summary>
    private bool IsGivenUp(SessionRow session, bool isWaiting, IActorRef asker)
    {
        _waitingSince = isWaiting ? _waitingSince ?? Farm.Time.GetTimestamp() : null;
        var collection = Farm.View.Current.CollectionOf(State);
        if (
            collection.WhenUnreachable != WhenUnreachable.Reboot
            || _waitingSince is not { } since
            || Farm.Time.GetElapsedTime(since) < PatienceBeforeReboot
        )
            return false;
        var up = Farm.Servers().Where(s => s.State == ServerState.Up).Select(s => s.Status.Name);
        if (!session.Members.Except(up, StringComparer.Ordinal).Any())
            return false;
        var over = new Reply.Refused(
            Refusal.NotFound,
            $"{State.Name}: {CopiesOf(session)}, and not all can be reached: collection {collection.Name} has it boot (--when-unreachable reboot)"
        );
        Answer(
            State.Phase == DevicePhase.Off
                ? Decision<IDeviceEvent>.Nothing
                : Decision<IDeviceEvent>.Of(new PhaseChanged(DevicePhase.Off, Farm.Time.GetUtcNow())),
            asker,
            () => over
        );
        return true;
    }

    /// <summary>Who asks again because this answer was lost gets it then.</summary>
    private Reply Remember(OpenSession command, Reply reply)
    {
        _answered = (command.Request, reply);
        return reply;
    }

    private static string CopiesOf(SessionRow session) => $"its write cache is at {string.Join(", ", session.Members)}";

    private async Task ConfirmAsync(ConfirmSession command)
    {
        var asker = Sender;
        try
        {
            var row = await Farm.Sessions.ReadAsync(State.Id);
            if (IsRefusedInDoubt(asker))
                return;
            // One that is asked for again may come when the session has members already, and leaves them.
            var confirmed =
                row is { } r
                && r.Epoch == command.Epoch
                && r.Streamer == command.Server
                && (
                    r.Phase == SessionPhase.Open
                    || await Farm.Sessions.SwapAsync(SessionRules.Opened(r, [command.Server])) is not null
                );
            asker.Tell(confirmed ? new Reply.Done(PersistenceId, LastSequenceNr) : Overtaken());
        }
        catch (DbException away)
        {
            asker.Tell(Away(away));
        }
    }

    /// <summary>A report of an epoch that was not granted here is the first that is heard of a session that was opened without its keeper.</summary>
    private async Task ReportAsync(ReportPhase report)
    {
        var asker = Sender;
        try
        {
            var row = report.Epoch > State.Epoch ? await Farm.Sessions.ReadAsync(State.Id) : null;
            var decision = DeviceRules.Report(State, report, row, Farm.Time.GetUtcNow());
            Answer(decision, asker, () => new Reply.Done(PersistenceId, LastSequenceNr));
        }
        catch (DbException away)
        {
            asker.Tell(Away(away));
        }
    }

    // One that was opened without its keeper may ask before it is reported.
    private void Choose(ChooseMember command) =>
        Sender.Tell(
            State.Boot is { } boot && command.Epoch >= boot.Epoch
                ? new MemberChoice(MemberPlacement.Choose(Farm.Servers(), [.. command.Except, boot.Server], boot.Image))
                : Overtaken()
        );

    private async Task AddMemberAsync(AddMember command)
    {
        var asker = Sender;
        try
        {
            var row = await Farm.Sessions.ReadAsync(State.Id);
            var isAdded =
                row is { } r
                && SessionRules.WithMember(r, command.Epoch, command.Revision, command.Server) is { } wanted
                && (r.HasMember(command.Server) || await Farm.Sessions.SwapAsync(wanted) is not null);
            asker.Tell(isAdded ? new Reply.Done(PersistenceId, LastSequenceNr) : Overtaken());
        }
        catch (DbException away)
        {
            asker.Tell(Away(away));
        }
    }

    /// <summary>A boot that comes meanwhile waits here, and takes a version anew.</summary>
    private async Task LetGoAsync(LetGoVersion command)
    {
        var asker = Sender;
        if (State.Phase != DevicePhase.Off)
        {
            asker.Tell(new Reply.Refused(Refusal.Conflict, $"{State.Name} is not off"));
            return;
        }
        if (Farm.View.Current.NextBootOf(State, Farm.Time.GetUtcNow())?.Kept is { WhyClean: null })
        {
            asker.Tell(new Reply.Refused(Refusal.Conflict, $"{State.Name} keeps its write cache"));
            return;
        }
        try
        {
            asker.Tell(await _vDisks().Ask<Reply>(new ReleaseVersion(command.VDisk, command.Device), Farm.AskTimeout));
        }
        catch (AskTimeoutException away)
        {
            asker.Tell(Away(away));
        }
    }

    private SessionGrant Grant(SessionRow row, BootTransport transport, bool isNewBoot, LayerId? retired) =>
        SessionGrant.Of(row, State.Boot!, transport, isNewBoot, retired);

    private Reply.Refused Away(Exception away) =>
        new(Refusal.Unavailable, $"{State.Name}: the farm database does not answer: {away.Message}");

    private Reply.Refused Overtaken() =>
        new(Refusal.Unavailable, $"{State.Name}: another server has just opened a newer session");
}
