using Akka.Event;
using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits what an enumerator yields.</summary>
internal sealed class EnumeratorLogic<T>(SourceShape<T> shape, Func<IEnumerator<T>> create, Attributes attributes)
    : SourceLogic<T>(shape)
{
    private readonly Supervision.Decider _decider = attributes.Decider();
    private IEnumerator<T>? _enumerator;
    private bool _hasNext;

    public override void PreStart()
    {
        try
        {
            _enumerator = create();
            _hasNext = _enumerator.MoveNext();
        }
        catch (Exception error)
        {
            FailStage(error);
            return;
        }
        if (!_hasNext)
            CompleteStage();
    }

    public override void OnPull()
    {
        try
        {
            Push(Out, _enumerator!.Current);
            if (!_enumerator.MoveNext())
                CompleteStage();
        }
        catch (Exception error)
        {
            if (_decider(error) == Supervision.Directive.Stop)
                FailStage(error);
            else
                CompleteStage();
        }
    }

    public override void PostStop() => _enumerator?.Dispose();
}

/// <summary>Emits what an asynchronous enumerator yields.</summary>
internal sealed class AsyncEnumeratorLogic<T> : SourceLogic<T>
{
    private readonly Func<IAsyncEnumerable<T>> _create;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Action<Task<bool>> _moved;
    private IAsyncEnumerator<T>? _enumerator;
    private Task _last = Task.CompletedTask;

    public AsyncEnumeratorLogic(SourceShape<T> shape, Func<IAsyncEnumerable<T>> create)
        : base(shape)
    {
        _create = create;
        _moved = GetAsyncCallback<Task<bool>>(Moved);
    }

    public override void PreStart() => _enumerator = _create().GetAsyncEnumerator(_stopped.Token);

    public override void OnPull()
    {
        var next = _enumerator!.MoveNextAsync();
        var task = next.AsTask();
        _last = task;
        if (task.IsCompleted)
            Moved(task);
        else
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => _moved(task));
    }

    public override void PostStop()
    {
        if (_enumerator is { } enumerator)
            _ = DisposeAfterAsync(enumerator, _last);
        else
            _stopped.Dispose();
    }

    private void Moved(Task<bool> task)
    {
        if (task.IsCanceled)
            FailStage(new TaskCanceledException(task));
        else if (task.Exception is { } errors)
            FailStage(errors.InnerException ?? errors);
        else if (task.Result)
            Push(Out, _enumerator!.Current);
        else
            CompleteStage();
    }

    /// <summary>An enumerator may not be disposed while it moves.</summary>
    private async Task DisposeAfterAsync(IAsyncEnumerator<T> enumerator, Task last)
    {
        try
        {
            await _stopped.CancelAsync();
            await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await enumerator.DisposeAsync();
        }
        catch (Exception error)
        {
            Log.Error(error, "Disposing the enumerator of [{0}] failed", this);
        }
        finally
        {
            _stopped.Dispose();
        }
    }
}
