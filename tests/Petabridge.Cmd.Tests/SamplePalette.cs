using System.Collections.Concurrent;
using System.Globalization;
using Akka.Actor;
using Petabridge.Cmd.Host;

namespace Petabridge.Cmd.Tests;

/// <summary>A palette with a command for each way in which one can answer.</summary>
public sealed class SamplePalette(string name = "sample")
    : CommandPaletteHandler(
        new(
            name,
            [
                new CommandDefinitionBuilder()
                    .WithName("echo")
                    .WithDescription("Says what it was given")
                    .WithArgument(a => a.WithName("first").WithDescription("one word").IsMandatory(true))
                    .WithArgument(a => a.WithName("rest").WithDescription("more words").AllowMultiple(true))
                    .WithArgument(a =>
                        a.WithName("count")
                            .WithDescription("how often")
                            .WithSwitch("-c")
                            .WithSwitch("--count")
                            .WithDefaultValues("1", "2")
                            .WithDefaultValue("1")
                    )
                    .WithArgument(a =>
                        a.WithName("tag").WithDescription("marks").WithSwitch("--tag").AllowMultiple(true)
                    )
                    .WithArgument(a =>
                        a.WithName("loud").WithDescription("louder").WithSwitch("--loud").WithDefaultValues("true")
                    )
                    .Build(),
                Plain("stream", a => a.WithName("count").WithDescription("how many lines").IsMandatory(true)),
                Plain("needs", a => a.WithName("key").WithDescription("the key").WithSwitch("--key").IsMandatory(true)),
                Plain("refuse"),
                Plain("throw"),
                Plain("hang"),
                Plain("unbound"),
            ]
        )
    )
{
    /// <summary>Who waits for an answer that never comes.</summary>
    public ConcurrentQueue<IActorRef> Hanging { get; } = new();

    public int Registered { get; private set; }

    public override Props HandlerProps => Props.Create(() => new Handler(Palette, Hanging));

    public override void OnRegister(PetabridgeCmd plugin) => Registered++;

    private static CommandDefinition Plain(
        string name,
        Func<ArgumentDefinitionBuilder, ArgumentDefinitionBuilder>? argument = null
    )
    {
        var command = new CommandDefinitionBuilder().WithName(name).WithDescription($"does {name}");
        return (argument is null ? command : command.WithArgument(argument)).Build();
    }

    private sealed class Handler : CommandHandlerActor
    {
        public Handler(CommandPalette palette, ConcurrentQueue<IActorRef> hanging)
            : base(palette)
        {
            Process("echo", (_, a) => Sender.Tell(new CommandResponse(Describe(a))));
            Process("needs", (_, a) => Sender.Tell(new CommandResponse(a.ArgumentValues("key").Single())));
            Process(
                "stream",
                (_, a) =>
                {
                    var count = int.Parse(a.ArgumentValues("count").Single(), CultureInfo.InvariantCulture);
                    for (var i = 1; i <= count; i++)
                        Sender.Tell(new CommandResponse($"line {i}", final: false));
                    Sender.Tell(CommandResponse.Empty);
                }
            );
            Process("refuse", _ => Sender.Tell(new ErroredCommandResponse("not today")));
            Process("throw", _ => throw new InvalidOperationException("out of order"));
            Process("hang", _ => hanging.Enqueue(Sender));
        }

        private static string Describe(CommandArguments a) =>
            string.Join(
                ' ',
                ((string[])["first", "rest", "count", "tag", "loud"]).Select(n =>
                    $"{n}={string.Join('|', a.ArgumentValues(n))}"
                )
            );
    }
}
