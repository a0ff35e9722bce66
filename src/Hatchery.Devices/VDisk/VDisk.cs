using Akka.Actor;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>A vDisk: decides by <see cref="VDiskRules"/>, persists, then replies.</summary>
public sealed class VDisk : FarmEntity<VDiskState, IVDiskEvent>
{
    public VDisk(VDiskId id, FarmServices farm)
        : base(PersistenceIds.Of(id), VDiskState.Unknown(id), farm) =>
        Command<IVDiskCommand>(command =>
            Answer(
                VDiskRules.Decide(State, command, Farm.Time.GetUtcNow(), Farm.View.Current, Farm.Lacking),
                Sender,
                () => Done(command)
            )
        );

    public static Props Props(VDiskId id, FarmServices farm) => Akka.Actor.Props.Create(() => new VDisk(id, farm));

    private Reply Done(IVDiskCommand command) =>
        command is TakeVersion taken && State.Version(State.Users[taken.Device]) is { } version
            ? new VersionGrant(
                State.Id,
                version,
                version.Parent is null ? default : State.LayersOf(version),
                VDiskRules.TakesOpen(State, taken) ? State.Open!.Number : null
            )
            : new Reply.Done(PersistenceId, LastSequenceNr);
}
