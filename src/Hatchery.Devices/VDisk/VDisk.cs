using Akka.Actor;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>A vDisk: decides by <see cref="VDiskRules"/>, persists, then replies.</summary>
public sealed class VDisk : FarmEntity<VDiskState, IVDiskEvent>
{
    public VDisk(VDiskId id, FarmServices farm)
        : base(PersistenceIds.Of(id), VDiskState.Unknown(id), farm)
    {
        Command<StartCanary>(Choose);
        Command<Chosen>(chosen =>
            Answer(
                VDiskRules.Start(
                    State,
                    chosen.Command,
                    Farm.Time.GetUtcNow(),
                    Farm.View.Current,
                    Farm.Lacking,
                    chosen.Choice
                ),
                Sender,
                () => Done(chosen.Command)
            )
        );
        Command<IVDiskCommand>(command =>
            Answer(
                VDiskRules.Decide(State, command, Farm.Time.GetUtcNow(), Farm.View.Current, Farm.Lacking),
                Sender,
                () => Done(command)
            )
        );
    }

    public static Props Props(VDiskId id, FarmServices farm) => Akka.Actor.Props.Create(() => new VDisk(id, farm));

    /// <summary>In a large farm that takes a while, and boots do not wait for it.</summary>
    private void Choose(StartCanary command)
    {
        var (state, farm) = (State, Farm.View.Current);
        _ = Task.Run(() => new Chosen(command, VDiskRules.Choose(state, command, farm))).PipeTo(Self, Sender);
    }

    private Reply Done(IVDiskCommand command) =>
        command is TakeVersion taken && State.Version(State.Users[taken.Device]) is { } version
            ? new VersionGrant(
                State.Id,
                version,
                version.Parent is null ? default : State.LayersOf(version),
                VDiskRules.TakesOpen(State, taken) ? State.Open!.Number : null
            )
            : new Reply.Done(PersistenceId, LastSequenceNr);

    private sealed record Chosen(StartCanary Command, CanaryChoice? Choice);
}
