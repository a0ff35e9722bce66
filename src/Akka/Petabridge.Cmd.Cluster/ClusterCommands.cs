using Akka.Actor;
using Petabridge.Cmd.Host;

namespace Petabridge.Cmd.Cluster;

/// <summary>The built-in palette `cluster`: who is a member of the cluster that this node sees, and changes to that.</summary>
public sealed class ClusterCommands : CommandPaletteHandler
{
    private ClusterCommands()
        : base(
            new(
                "cluster",
                [
                    Plain("show", "Shows every member, one a line"),
                    Plain("status", "Shows this node's line of `cluster show`"),
                    Plain("leader", "Prints the leader's address"),
                    With("join", "Joins this node to the cluster of another", "the other node's address", true),
                    With("leave", "Lets a member leave in good order", "the member's address; without it, this node"),
                    With("down", "Declares a member dead", "the member's address", true),
                    Plain("down-unreachable", "Declares dead every member that cannot be reached"),
                    Plain("tail", "Prints what happens to members, a line each, until Ctrl+C"),
                ]
            )
        ) { }

    public static ClusterCommands Instance { get; } = new();

    public override Props HandlerProps => Props.Create(() => new ClusterCommandHandler(Palette));

    private static CommandDefinition Plain(string name, string description) =>
        new CommandDefinitionBuilder().WithName(name).WithDescription(description).Build();

    private static CommandDefinition With(string name, string description, string address, bool isMandatory = false) =>
        new CommandDefinitionBuilder()
            .WithName(name)
            .WithDescription(description)
            .WithArgument(a =>
                a.WithName("address")
                    .WithDescription($"{address}, e.g. akka.tcp://farm@10.0.0.1:4053")
                    .WithSwitch("-a")
                    .WithSwitch("--address")
                    .IsMandatory(isMandatory)
            )
            .Build();
}
