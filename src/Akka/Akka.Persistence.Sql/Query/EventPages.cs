using Akka.Persistence.Query;
using Akka.Persistence.Sql.Db;
using Akka.Persistence.Sql.Journal;

namespace Akka.Persistence.Sql.Query;

/// <summary>Pages of one actor's events, by sequence number.</summary>
internal sealed class EventsByIdPages(
    JournalReader reader,
    string persistenceId,
    long fromSequenceNr,
    long toSequenceNr,
    bool live
) : IPages<EventEnvelope>
{
    private long _from = fromSequenceNr;

    public async Task<Page<EventEnvelope>> NextAsync()
    {
        await reader.ReadyAsync().ConfigureAwait(false);
        if (_from > toSequenceNr)
            return new([], PageEnd.Done);
        var rows = await reader
            .Table.EventsAsync(persistenceId, _from, toSequenceNr, reader.PageSize)
            .ConfigureAwait(false);
        if (rows.Count > 0)
            _from = rows[^1].SequenceNumber + 1;
        return new(
            reader.Envelopes(rows),
            _from > toSequenceNr ? PageEnd.Done
                : rows.Count == reader.PageSize ? PageEnd.More
                : live ? PageEnd.Wait
                : PageEnd.Done
        );
    }
}

/// <summary>Pages of events by ordering, of one tag or of all; never past a number below which something may still appear.</summary>
internal sealed class EventsByOrderingPages(JournalReader reader, string? tag, long offset, bool live)
    : IPages<EventEnvelope>
{
    private readonly OrderingWait _wait = reader.NewWait();
    private long _after = offset;
    private long _upTo = -1;

    public async Task<Page<EventEnvelope>> NextAsync()
    {
        await reader.ReadyAsync().ConfigureAwait(false);
        if (_upTo <= _after && (live || _upTo < 0))
        {
            var stable = await reader.Database.StableOrderingAsync(_wait).ConfigureAwait(false);
            if (stable < 0)
                return new([], PageEnd.Soon);
            _upTo = stable;
        }
        if (_upTo <= _after)
            return new([], live ? PageEnd.Wait : PageEnd.Done);
        var rows = tag is null
            ? await reader.Table.EventsAfterAsync(_after, _upTo, reader.PageSize).ConfigureAwait(false)
            : await reader.Table.EventsByTagAsync(tag, _after, _upTo, reader.PageSize).ConfigureAwait(false);
        var full = rows.Count == reader.PageSize;
        _after = full ? rows[^1].Ordering : _upTo;
        return new(
            reader.Envelopes(rows),
            full ? PageEnd.More
                : live ? PageEnd.Wait
                : PageEnd.Done
        );
    }
}

/// <summary>Pages of the persistence ids as they are now.</summary>
internal sealed class CurrentPersistenceIdsPages(JournalReader reader) : IPages<string>
{
    private string _after = string.Empty;

    public async Task<Page<string>> NextAsync()
    {
        await reader.ReadyAsync().ConfigureAwait(false);
        var ids = await reader.Table.PersistenceIdsAsync(_after, reader.PageSize).ConfigureAwait(false);
        if (ids.Count < reader.PageSize)
            return new(ids, PageEnd.Done);
        _after = ids[^1];
        return new(ids, PageEnd.More);
    }
}

/// <summary>Persistence ids as they appear, each once.</summary>
internal sealed class PersistenceIdsPages(JournalReader reader) : IPages<string>
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly OrderingWait _wait = reader.NewWait();
    private long _after;

    public async Task<Page<string>> NextAsync()
    {
        await reader.ReadyAsync().ConfigureAwait(false);
        var stable = await reader.Database.StableOrderingAsync(_wait).ConfigureAwait(false);
        if (stable < 0)
            return new([], PageEnd.Soon);
        if (stable <= _after)
            return new([], PageEnd.Wait);
        var ids = await reader.Table.PersistenceIdsBetweenAsync(_after, stable).ConfigureAwait(false);
        _after = stable;
        return new([.. ids.Where(_seen.Add)], PageEnd.Wait);
    }
}
