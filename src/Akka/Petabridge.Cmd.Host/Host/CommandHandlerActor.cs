using Akka.Actor;

namespace Petabridge.Cmd.Host;

/// <summary>Carries out the commands of one palette for one connection; answers go to the sender.</summary>
public abstract class CommandHandlerActor(CommandPalette palette) : ReceiveActor
{
    /// <param name="command">The command's name.</param>
    protected void Process(string command, Action<Command> handler) => Process(command, (c, _) => handler(c));

    protected void Process(string command, Action<Command, CommandArguments> handler)
    {
        var definition = palette.Definitions.Single(d => d.Name == command);
        Receive<Command>(c => handler(c, new(c, definition)), c => c.Name == command);
    }
}
