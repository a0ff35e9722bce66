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

    /// <summary>Whoever asked learns that this handler failed, before the next command finds a fresh one.</summary>
    protected override void PreRestart(Exception reason, object? message)
    {
        if (message is Command command)
            Sender.Tell(new ErroredCommandResponse($"{command.Palette} {command.Name} failed: {reason.Message}"));
        base.PreRestart(reason, message);
    }

    protected override void Unhandled(object message)
    {
        if (message is Command command)
            Sender.Tell(new ErroredCommandResponse($"{command.Palette} {command.Name} is not carried out here"));
        else
            base.Unhandled(message);
    }
}
