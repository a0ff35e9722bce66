using System.Diagnostics.CodeAnalysis;

namespace Akka.Streams.Stage;

public abstract partial class GraphStageLogic
{
    /// <summary>Emits the element as soon as downstream asks for it, after what is already being emitted.</summary>
    protected internal void Emit<T>(Outlet<T> outlet, T element) => Emit(outlet, element, DoNothing);

    /// <summary>Emits the element as soon as downstream asks for it, then calls <paramref name="andThen"/>.</summary>
    protected internal void Emit<T>(Outlet<T> outlet, T element, Action andThen)
    {
        if (OutHandlerAt(Index(outlet)) is not Emitting<T> && IsAvailable(outlet))
        {
            Push(outlet, element);
            andThen();
            return;
        }
        EmittingAt(outlet).Add(element, null, andThen);
    }

    /// <summary>Emits the elements one by one as downstream asks for them.</summary>
    protected internal void EmitMultiple<T>(Outlet<T> outlet, IEnumerable<T> elements) =>
        EmitMultiple(outlet, elements.GetEnumerator(), DoNothing);

    /// <summary>Emits the elements one by one as downstream asks for them, then calls <paramref name="andThen"/>.</summary>
    protected internal void EmitMultiple<T>(Outlet<T> outlet, IEnumerable<T> elements, Action andThen) =>
        EmitMultiple(outlet, elements.GetEnumerator(), andThen);

    /// <summary>Emits the elements one by one as downstream asks for them.</summary>
    protected internal void EmitMultiple<T>(Outlet<T> outlet, IEnumerator<T> enumerator) =>
        EmitMultiple(outlet, enumerator, DoNothing);

    /// <summary>Emits the elements one by one as downstream asks for them, then calls <paramref name="andThen"/>.</summary>
    protected internal void EmitMultiple<T>(Outlet<T> outlet, IEnumerator<T> enumerator, Action andThen)
    {
        var isEmitting = OutHandlerAt(Index(outlet)) is Emitting<T>;
        if (!enumerator.MoveNext())
        {
            enumerator.Dispose();
            andThen();
            return;
        }
        if (!isEmitting && IsAvailable(outlet))
        {
            Push(outlet, enumerator.Current);
            if (!enumerator.MoveNext())
            {
                enumerator.Dispose();
                andThen();
                return;
            }
        }
        EmittingAt(outlet).Add(default, enumerator, andThen);
    }

    /// <summary>Forgets what is still to be emitted.</summary>
    protected internal void AbortEmitting<T>(Outlet<T> outlet)
    {
        if (OutHandlerAt(Index(outlet)) is Emitting<T> emitting)
            emitting.Abort();
    }

    private Emitting<T> EmittingAt<T>(Outlet<T> outlet)
    {
        var current = GetHandler(outlet);
        if (current is Emitting<T> emitting)
            return emitting;
        emitting = new Emitting<T>(this, outlet, current);
        SetHandler(outlet, emitting);
        return emitting;
    }

    private interface IEmitting
    {
        void CompleteWhenDone();
    }

    /// <summary>Stands in for the outlet's handler until everything is emitted.</summary>
    private sealed class Emitting<T>(GraphStageLogic logic, Outlet<T> outlet, IOutHandler previous)
        : IOutHandler,
            IEmitting
    {
        private readonly Queue<(T? Element, IEnumerator<T>? Others, Action AndThen)> _emissions = new();
        private bool _completes;

        [SuppressMessage("Style", "IDE0060", Justification = "One of element and rest is given.")]
        public void Add(T? element, IEnumerator<T>? rest, Action andThen)
        {
            if (!_completes)
                _emissions.Enqueue((element, rest, andThen));
        }

        public void CompleteWhenDone() => _completes = true;

        public void Abort()
        {
            Clear();
            Restore();
            if (_completes)
                logic.Complete(outlet);
        }

        public void OnPull()
        {
            var (element, rest, andThen) = _emissions.Peek();
            if (rest is null)
            {
                logic.Push(outlet, element!);
            }
            else
            {
                logic.Push(outlet, rest.Current);
                if (rest.MoveNext())
                    return;
                rest.Dispose();
            }
            _emissions.Dequeue();
            if (_emissions.Count == 0)
                Restore();
            andThen();
            if (_emissions.Count == 0 && _completes)
                logic.Complete(outlet);
        }

        public void OnDownstreamFinish(Exception cause)
        {
            Clear();
            Restore();
            previous.OnDownstreamFinish(cause);
        }

        private void Clear()
        {
            while (_emissions.TryDequeue(out var emission))
                emission.Others?.Dispose();
        }

        private void Restore()
        {
            if (ReferenceEquals(logic.OutHandlerAt(outlet.Id), this))
                logic.SetHandler(outlet, previous);
        }
    }
}
