using Akka.Streams.Stage;

namespace Akka.Streams.Implementation.Stages;

/// <summary>Emits the elements of a source that is made, or known, later.</summary>
internal sealed class LazySource<T, TMat>(Func<Task<Dsl.Source<T, TMat>>> create, bool onDemand)
    : SourceStage<T, Task<TMat>>
{
    private readonly Func<Task<Dsl.Source<T, TMat>>> _create = create;
    private readonly bool _onDemand = onDemand;

    protected override (GraphStageLogic Logic, Task<TMat> Value) Create(Attributes attributes)
    {
        var logic = new Logic(this);
        return (logic, logic.Value.Task);
    }

    private sealed class Logic(LazySource<T, TMat> stage) : SourceLogic<T>(stage.Shape)
    {
        private readonly LazySource<T, TMat> _stage = stage;
        private bool _hasStarted;

        public TaskCompletionSource<TMat> Value { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void PreStart()
        {
            if (!_stage._onDemand)
                Begin();
        }

        public override void OnPull()
        {
            if (!_hasStarted)
                Begin();
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            Value.TryFail(
                _hasStarted
                    ? cause
                    : new InvalidOperationException(
                        "Downstream canceled without triggering lazy source materialization"
                    )
            );
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop() => Value.TryFail(new AbruptStageTerminationException(this));

        private void Begin()
        {
            _hasStarted = true;
            Task<Dsl.Source<T, TMat>> task;
            try
            {
                task = _stage._create();
            }
            catch (Exception error)
            {
                task = Task.FromException<Dsl.Source<T, TMat>>(error);
            }
            if (task.IsCompleted)
            {
                Made(task);
                return;
            }
            var made = GetAsyncCallback<Task<Dsl.Source<T, TMat>>>(Made);
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => made(task));
        }

        private void Made(Task<Dsl.Source<T, TMat>> task)
        {
            if (!task.IsCompletedSuccessfully)
            {
                var error = task.Exception?.InnerException ?? new TaskCanceledException(task);
                FailWith(error);
                return;
            }
            var inlet = CreateSubSinkInlet<T>("LazySource");
            inlet.SetHandler(
                new LambdaInHandler(
                    () => Push(Out, inlet.Grab()),
                    () =>
                    {
                        if (!inlet.IsAvailable)
                            CompleteStage();
                    },
                    null
                )
            );
            SetHandler(
                Out,
                new LambdaOutHandler(
                    inlet.Pull,
                    cause =>
                    {
                        inlet.Cancel(cause);
                        InternalOnDownstreamFinish(cause);
                    }
                )
            );
            if (IsAvailable(Out))
                inlet.Pull();
            try
            {
                Value.TrySetResult(SubFusingMaterializer.Materialize(task.Result.To(inlet.Sink), StageAttributes));
            }
            catch (Exception error)
            {
                FailWith(error);
            }
        }

        private void FailWith(Exception error)
        {
            Value.TryFail(error);
            FailStage(error);
        }
    }
}
