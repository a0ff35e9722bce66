using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits what a function makes of a state, until it yields nothing.</summary>
internal sealed class UnfoldLogic<TState, T>(
    SourceShape<T> shape,
    TState state,
    Func<TState, Util.Option<(TState, T)>> unfold
) : SourceLogic<T>(shape)
{
    private TState _state = state;

    public override void OnPull()
    {
        var next = unfold(_state);
        if (!next.HasValue)
        {
            CompleteStage();
            return;
        }
        (_state, var element) = next.Value;
        Push(Out, element);
    }
}

/// <summary>Emits what a function asynchronously makes of a state, until it yields nothing.</summary>
internal sealed class UnfoldAsyncLogic<TState, T> : SourceLogic<T>
{
    private readonly Func<TState, Task<Util.Option<(TState, T)>>> _unfold;
    private readonly Action<Task<Util.Option<(TState, T)>>> _done;
    private TState _state;

    public UnfoldAsyncLogic(SourceShape<T> shape, TState state, Func<TState, Task<Util.Option<(TState, T)>>> unfold)
        : base(shape)
    {
        _state = state;
        _unfold = unfold;
        _done = GetAsyncCallback<Task<Util.Option<(TState, T)>>>(Done);
    }

    public override void OnPull()
    {
        var task = _unfold(_state);
        if (task.IsCompleted)
            Done(task);
        else
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => _done(task));
    }

    private void Done(Task<Util.Option<(TState, T)>> task)
    {
        if (!task.IsCompletedSuccessfully)
        {
            FailStage(task.Exception?.InnerException ?? new TaskCanceledException(task));
        }
        else if (task.Result.HasValue)
        {
            (_state, var element) = task.Result.Value;
            Push(Out, element);
        }
        else
        {
            CompleteStage();
        }
    }
}

/// <summary>Emits what is read from a resource, which is opened for each run and closed at its end.</summary>
internal sealed class ResourceLogic<TResource, T>(
    SourceShape<T> shape,
    Func<TResource> open,
    Func<TResource, Util.Option<T>> read,
    Action<TResource> close,
    Attributes attributes
) : SourceLogic<T>(shape)
{
    private readonly Supervision.Decider _decider = attributes.Decider();
    private TResource _resource = default!;
    private bool _isOpen;

    public override void PreStart() => Open();

    public override void OnPull()
    {
        while (true)
        {
            try
            {
                var next = read(_resource);
                if (next.HasValue)
                    Push(Out, next.Value);
                else
                    Finish();
                return;
            }
            catch (Exception error)
            {
                switch (_decider(error))
                {
                    case Supervision.Directive.Stop:
                        FailStage(error);
                        return;
                    case Supervision.Directive.Restart:
                        Close();
                        Open();
                        break;
                }
            }
        }
    }

    public override void PostStop() => Close();

    private void Open()
    {
        _resource = open();
        _isOpen = true;
    }

    private void Finish()
    {
        Close();
        CompleteStage();
    }

    private void Close()
    {
        if (!_isOpen)
            return;
        _isOpen = false;
        close(_resource);
    }
}
