using Akka.Actor;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>A palette whose commands another handler carries out; what changes something goes into the farm's history, whatever became of it.</summary>
internal sealed class RecordedCommands(CommandPaletteHandler commands, CommandHistory history)
    : CommandPaletteHandler(SignedPalette.Of(commands.Palette))
{
    public override Props HandlerProps =>
        Props.Create(() => new Handler(Palette, commands.Palette, commands.HandlerProps, history));

    public override void OnRegister(PetabridgeCmd plugin) => commands.OnRegister(plugin);

    private sealed class Handler : CommandHandlerActor
    {
        private readonly IActorRef _commands;
        private readonly CommandHistory _history;

        public Handler(CommandPalette palette, CommandPalette inner, Props commands, CommandHistory history)
            : base(palette)
        {
            _commands = Context.Watch(Context.ActorOf(commands, "commands"));
            _history = history;
            foreach (var definition in palette.Definitions)
            {
                var isOurs =
                    definition.TakesBy() && !inner.Definitions.Single(d => d.Name == definition.Name).TakesBy();
                Process(definition.Name, (typed, a) => Run(typed, a, definition, isOurs));
            }
            Receive<Terminated>(_ => Context.Stop(Self));
        }

        /// <param name="isOurs">Who gives it is for the history alone.</param>
        private void Run(Command typed, CommandArguments a, CommandDefinition definition, bool isOurs)
        {
            var toRun = isOurs ? SignedPalette.Unsigned(typed) : typed;
            if (ReadingCommands.OnlyReads(typed, Values))
            {
                _commands.Forward(toRun);
                return;
            }
            var (asker, commands, history) = (Sender, _commands, _history);
            var words = RecordedWords.Of(typed, Values);
            Context.ActorOf(
                Props.Create(() => new RecordedRun(asker, commands, toRun, typed, definition, words, history))
            );

            IReadOnlyList<string> Values(string argument) =>
                definition.ArgumentsByName.ContainsKey(argument) ? [.. a.ArgumentValues(argument)] : [];
        }
    }
}
