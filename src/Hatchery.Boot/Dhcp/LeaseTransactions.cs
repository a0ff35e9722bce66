using System.Data.Common;

namespace Hatchery.Boot.Dhcp;

/// <summary>Runs whatever waits for the lease table in one transaction, one after the other: a crowd of machines costs a few commits,
/// not one each. A transaction begins when the one before it has ended, so that nobody waits for company.</summary>
internal sealed class LeaseTransactions(DbDataSource database)
{
    /// <summary>More than the boot services of a server have under way.</summary>
    public const int WaitingMax = 8192;

    /// <summary>Keeps a transaction short for others who write to the database.</summary>
    private const int TogetherMax = 256;

    private readonly Lock _gate = new();
    private readonly Queue<Work> _waiting = new();
    private bool _runs;

    /// <summary>Transactions that were committed.</summary>
    public long Committed { get; private set; }

    /// <param name="address">Whose row is written; null: the work only reads. Rows are written in their order, so that two servers
    /// never wait for each other.</param>
    /// <returns>The result, when it is committed.</returns>
    /// <exception cref="DbException">The database is away, or too many wait for it.</exception>
    public async Task<T> RunAsync<T>(
        uint? address,
        Func<DbConnection, DbTransaction?, Task<T>> work,
        CancellationToken cancellation
    )
    {
        var waiting = new Work<T>(address, work, cancellation);
        lock (_gate)
        {
            if (_waiting.Count >= WaitingMax)
                throw new LeasesBusyException();
            _waiting.Enqueue(waiting);
            if (!_runs)
            {
                _runs = true;
                _ = Task.Run(RunAsync, CancellationToken.None);
            }
        }
        return await waiting.Result.WaitAsync(cancellation);
    }

    private async Task RunAsync()
    {
        while (Take() is { } together)
        {
            try
            {
                await CommitAsync(together);
            }
            catch (Exception e)
            {
                foreach (var work in together)
                    work.Fail(e);
            }
        }
    }

    private Work[]? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _runs = false;
                return null;
            }
            var together = new Work[Math.Min(_waiting.Count, TogetherMax)];
            for (var i = 0; i < together.Length; i++)
                together[i] = _waiting.Dequeue();
            return together;
        }
    }

    private async Task CommitAsync(Work[] together)
    {
        await using var connection = await database.OpenConnectionAsync();
        var writes = Array.Exists(together, w => w.Address is not null);
        await using var transaction = writes ? await connection.BeginTransactionAsync() : null;
        foreach (var work in together.OrderBy(w => w.Address))
            await work.RunAsync(connection, transaction);
        if (transaction is not null)
        {
            await transaction.CommitAsync();
            Committed++;
        }
        foreach (var work in together)
            work.Complete();
    }

    private abstract class Work(uint? address)
    {
        public uint? Address { get; } = address;

        public abstract Task RunAsync(DbConnection connection, DbTransaction? transaction);

        public abstract void Complete();

        public abstract void Fail(Exception cause);
    }

    private sealed class Work<T>(
        uint? address,
        Func<DbConnection, DbTransaction?, Task<T>> work,
        CancellationToken cancellation
    ) : Work(address)
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Action? _tell;

        public Task<T> Result => _result.Task;

        public override async Task RunAsync(DbConnection connection, DbTransaction? transaction)
        {
            // Who has gone does not want a lease any more.
            if (cancellation.IsCancellationRequested)
                return;
            try
            {
                var result = await work(connection, transaction);
                _tell = () => _result.TrySetResult(result);
            }
            catch (Exception e) when (e is not DbException)
            {
                // A row that cannot be read is its asker's trouble alone.
                _tell = () => _result.TrySetException(e);
            }
        }

        public override void Complete()
        {
            if (_tell is null)
                _result.TrySetCanceled(cancellation);
            else
                _tell();
        }

        public override void Fail(Exception cause) => _result.TrySetException(cause);
    }
}

/// <summary>Too many wait for the lease table; as good as a database that is away.</summary>
internal sealed class LeasesBusyException()
    : DbException($"{LeaseTransactions.WaitingMax} requests wait for the leases already");
