using Akka.Actor;

namespace Hatchery.Devices;

/// <summary>The one entity of sites, collections and rules: decides by <see cref="PolicyRules"/>, persists, then replies.</summary>
public sealed class FarmPolicy : FarmEntity<PolicyState, IPolicyEvent>
{
    /// <summary>Fixed for ever.</summary>
    public const string EntityId = "706f6c69637900000000000000000001";

    public FarmPolicy(FarmServices farm)
        : base(PersistenceIds.Policy, PolicyState.Initial, farm) =>
        Command<IPolicyCommand>(command =>
            Answer(
                PolicyRules.Decide(State, command, Farm.Time.GetUtcNow()),
                Sender,
                () => new Reply.Done(PersistenceId, LastSequenceNr)
            )
        );

    public static Props Props(FarmServices farm) => Akka.Actor.Props.Create(() => new FarmPolicy(farm));
}
