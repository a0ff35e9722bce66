using Hatchery.Streaming.Transport;
using Hatchery.Wire.Iscsi;

namespace Hatchery.Streaming.Iscsi;

internal sealed partial class IscsiConnection
{
    private ISession? _session;
    private ScsiUnit? _unit;
    private CancellationTokenRegistration _sessionEnded;
    private ushort _tsih;
    private bool _numbered;
    private bool _claimed;

    private SessionKey Key => new(_login.InitiatorName, _login.Request.Isid, _login.TargetName);

    private void ServeLogin(ReadOnlySpan<byte> header, Segment text)
    {
        if (!LoginRequestPdu.TryRead(header, out var request))
        {
            EndLogin(_login.Fail(LoginStatus.InvalidDuringLogin));
            return;
        }
        if (!_numbered)
        {
            _numbered = true;
            _expCmdSn = request.CmdSn;
            _statSn = request.ExpStatSn;
        }
        var step = _login.Take(request, text.Span);
        if (step == LoginStep.Ask)
            AskGate();
        else
            EndLogin(step);
    }

    private void AskGate()
    {
        IsHeld = true;
        var request = new LoginRequest(
            StreamProtocol.Iscsi,
            _login.TargetName,
            _login.InitiatorName,
            _surroundings.Remote,
            _surroundings.Local
        );
        _claimed = true;
        var before = _surroundings.Sessions.Claim(Key, this);
        new Admission(this).Watch(AdmitAsync(request, before));
    }

    /// <summary>The session of the same name is over, its commands finished or dropped, before the new one is admitted (RFC 7143 section 6.3.5).</summary>
    private async ValueTask<LoginOutcome> AdmitAsync(LoginRequest request, ConnectionEngine? before)
    {
        if (before is not null && !ReferenceEquals(before, this))
        {
            before.RequestEnd();
            try
            {
                await before.Completion.Task.WaitAsync(
                    _surroundings.Times.Reinstatement,
                    _surroundings.Time,
                    _closing.Token
                );
            }
            catch (TimeoutException)
            {
                return new LoginOutcome.Refused(LoginRefusal.Unavailable, "the session before still has commands");
            }
            Log.Reinstated(Logger, Remote, _login.InitiatorName);
        }
        return await _surroundings.Gate.LoginAsync(request, _closing.Token);
    }

    private void Admitted(LoginOutcome outcome)
    {
        IsHeld = false;
        switch (outcome)
        {
            case LoginOutcome.Granted granted:
                _session = granted.Session;
                if (State != EngineState.Open)
                    return;
                _unit = new(granted.Session.Device, granted.Session.Disk);
                _sessionEnded = granted.Session.Ended.UnsafeRegister(
                    static self => ((IscsiConnection)self!).RequestEnd(),
                    this
                );
                LoggedIn?.Invoke();
                EndLogin(_login.Admit());
                break;
            case LoginOutcome.Redirected redirected:
                EndLogin(
                    _login.Fail(LoginStatus.TargetMovedTemporarily, $"{redirected.Portal},{LoginPhase.PortalGroup}")
                );
                break;
            case LoginOutcome.Refused refused:
                Log.LoginRefused(Logger, Remote, _login.TargetName, refused.Reason);
                EndLogin(_login.Fail(ScsiErrors.Of(refused.Refusal)));
                break;
        }
    }

    private void EndLogin(LoginStep step)
    {
        if (State != EngineState.Open)
            return;
        if (step == LoginStep.Begin)
            _tsih = _surroundings.Sessions.NextTsih();
        var request = _login.Request;
        var succeeded = step != LoginStep.Fail;
        Emit(
            new LoginResponsePdu(
                _login.Transits,
                Continues: false,
                request.CurrentStage,
                _login.Transits ? request.NextStage : LoginStage.Security,
                _login.AnswerText.Length,
                VersionMax: 0,
                VersionActive: 0,
                request.Isid,
                _tsih,
                request.TaskTag,
                succeeded || _numbered ? NextStatus() : default,
                succeeded ? LoginStatus.Success : _login.Status
            ),
            _login.AnswerText
        );
        if (step == LoginStep.Fail)
            Drain();
        if (step != LoginStep.Begin)
            return;
        _parameters = _login.Parameters;
        _fullFeature = true;
        if (_session is not null)
            Log.Connected(Logger, _session.Device, _session.Epoch, Remote);
    }

    private sealed class Admission(IscsiConnection connection) : PendingWork<LoginOutcome>(connection)
    {
        protected override LoginOutcome OnFailure(Exception failure)
        {
            if (failure is not OperationCanceledException)
                Log.GateFailed(connection.Logger, connection.Remote, failure);
            return new LoginOutcome.Refused(LoginRefusal.Unavailable, "the gate failed");
        }

        protected override void OnEnded(LoginOutcome result) => connection.Admitted(result);
    }
}
