using Akka.Actor;
using Hatchery.Devices;
using Petabridge.Cmd;

namespace Hatchery.Operations;

/// <summary>One command that is recorded: passes its answers on to whoever gave it, first, and is gone when he is, as the handler sees.</summary>
internal sealed class RecordedRun : ReceiveActor
{
    private readonly IActorRef _asker;
    private readonly IActorRef _commands;
    private readonly Command _toRun;
    private readonly Command _typed;
    private readonly CommandDefinition _definition;
    private readonly RecordedWords _words;
    private readonly CommandHistory _history;
    private HistoryRow? _row;

    public RecordedRun(
        IActorRef asker,
        IActorRef commands,
        Command toRun,
        Command typed,
        CommandDefinition definition,
        RecordedWords words,
        CommandHistory history
    )
    {
        (_asker, _commands, _toRun, _typed) = (asker, commands, toRun, typed);
        (_definition, _words, _history) = (definition, words, history);
        Receive<CommandResponse>(Pass);
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    protected override void PreStart()
    {
        Context.Watch(_asker);
        _row = _history.Begin(_typed, _definition, _words);
        _commands.Tell(_toRun);
    }

    /// <summary>With whoever gave it, or with its server.</summary>
    protected override void PostStop() => End(HistoryOutcomes.Ended);

    private void Pass(CommandResponse response)
    {
        _asker.Tell(response);
        var hasFailed = response is ErroredCommandResponse;
        if (!hasFailed && !response.Final)
            return;
        if (hasFailed)
            End(HistoryOutcomes.Failed, _words.Masked(response.Msg));
        else
            End(HistoryOutcomes.Done);
        Context.Stop(Self);
    }

    private void End(string outcome, string failure = "")
    {
        if (_row is { } row)
            _history.End(row, _typed, _definition, outcome, failure);
        _row = null;
    }
}
