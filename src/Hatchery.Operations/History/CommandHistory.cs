using Hatchery.Devices;
using Petabridge.Cmd;
using Petabridge.Cmd.Host;

namespace Hatchery.Operations;

/// <summary>Puts the commands that are given at this server and change something into the farm's history. Thread-safe.</summary>
public sealed class CommandHistory(HistoryLog log, Farm farm, string server)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _latest;

    /// <summary>The same commands; those that change something are recorded, and say in their help that they take --by.</summary>
    public CommandPaletteHandler Recorded(CommandPaletteHandler commands) => new RecordedCommands(commands, this);

    /// <param name="typed">As <paramref name="definition"/> has it.</param>
    internal HistoryRow Begin(Command typed, CommandDefinition definition, RecordedWords words)
    {
        var row = new HistoryRow(
            farm.Services.NewGuid(),
            Now(),
            words.By,
            server,
            words.Line,
            [.. Subjects.Of(typed, definition, farm.View.Current)]
        );
        log.Put(row);
        return row;
    }

    /// <param name="failure">Why it did not do what it was to do.</param>
    internal void End(
        HistoryRow row,
        Command typed,
        CommandDefinition definition,
        string outcome,
        string failure = ""
    ) =>
        log.Put(
            row with
            {
                // What it made has an id by now.
                About = [.. row.About.Union(Subjects.Of(typed, definition, farm.View.Current), StringComparer.Ordinal)],
                Outcome = outcome,
                Detail = failure,
            }
        );

    /// <summary>Two commands of this server never have the same time: the history keeps the order in which they came.</summary>
    private DateTimeOffset Now()
    {
        lock (_gate)
        {
            var now = farm.Services.Time.GetUtcNow();
            return _latest = now > _latest ? now : _latest.AddTicks(1);
        }
    }
}
