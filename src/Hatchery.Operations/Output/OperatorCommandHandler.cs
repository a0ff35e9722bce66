using Akka.Actor;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>Carries out the commands of a palette. What goes wrong with one that takes its time is told in a line, as of any other.</summary>
internal abstract class OperatorCommandHandler(CommandPalette palette) : CommandHandlerActor(palette)
{
    protected void Process(string command, Func<CommandArguments, CommandResponse> answer) =>
        Process(command, (_, a) => Sender.Tell(answer(a)));

    /// <inheritdoc cref="Process(string, Func{CommandArguments, CommandResponse})"/>
    protected void Process(string command, Func<CommandArguments, Task<CommandResponse>> answer) =>
        Process(
            command,
            (asked, a) =>
            {
                _ = answer(a).PipeTo(Sender, failure: cause => new ErroredCommandResponse(Failures.Explain(cause)));
            }
        );
}
