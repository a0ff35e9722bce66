using System.Globalization;
using Akka.Actor;

namespace Petabridge.Cmd.Host;

/// <summary>The built-in palette `actor`: what actors there are.</summary>
internal sealed class ActorCommands()
    : CommandPaletteHandler(
        new(
            "actor",
            [
                new CommandDefinitionBuilder()
                    .WithName("hierarchy")
                    .WithDescription("Prints the path of every actor, one a line")
                    .WithArgument(a =>
                        a.WithName("depth")
                            .WithDescription("levels below the start")
                            .WithSwitch("-d")
                            .WithSwitch("--depth")
                            .WithDefaultValue("4")
                    )
                    .WithArgument(a =>
                        a.WithName("path")
                            .WithDescription("where to start, e.g. /system/sharding/device; without it, /user")
                            .WithSwitch("-s")
                            .WithSwitch("--start")
                    )
                    .Build(),
                new CommandDefinitionBuilder()
                    .WithName("system")
                    .WithDescription("Prints the actor system's address")
                    .Build(),
            ]
        )
    )
{
    public override Props HandlerProps => Props.Create(() => new Handler(Palette));

    private sealed class Handler : CommandHandlerActor
    {
        private const int LinesPerAnswer = 512;

        public Handler(CommandPalette palette)
            : base(palette)
        {
            Process(
                "system",
                _ =>
                    Sender.Tell(
                        new CommandResponse(((ExtendedActorSystem)Context.System).Provider.DefaultAddress.ToString())
                    )
            );
            Process("hierarchy", (_, arguments) => Hierarchy(arguments));
        }

        private void Hierarchy(CommandArguments arguments)
        {
            if (
                !int.TryParse(
                    arguments.ArgumentValues("depth").First(),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var depth
                )
            )
            {
                Sender.Tell(new ErroredCommandResponse("depth is a number, 0 or more"));
                return;
            }
            var system = (ExtendedActorSystem)Context.System;
            var path = arguments.ArgumentValues("path").FirstOrDefault();
            var names = (path ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
            IActorRef start = names is ["system", ..] ? system.SystemGuardian : system.Guardian;
            foreach (var name in names.Skip(names is ["user" or "system", ..] ? 1 : 0))
            {
                start = ((IInternalActorRef)start).GetChild([name]);
                if (start.IsNobody())
                {
                    Sender.Tell(new ErroredCommandResponse($"no actor {path}"));
                    return;
                }
            }
            foreach (var lines in Paths(start, depth).Chunk(LinesPerAnswer))
                Sender.Tell(new CommandResponse(string.Join('\n', lines), final: false));
            Sender.Tell(CommandResponse.Empty);
        }

        private static IEnumerable<string> Paths(IActorRef actor, int depth)
        {
            yield return actor.Path.ToString();
            if (depth == 0 || actor is not ActorRefWithCell cell)
                yield break;
            foreach (
                var path in cell
                    .Children.OrderBy(c => c.Path.Name, StringComparer.Ordinal)
                    .SelectMany(c => Paths(c, depth - 1))
            )
                yield return path;
        }
    }
}
