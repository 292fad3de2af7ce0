/*
 * Generated from crds/ by scripts/generate-types.ts. Do not edit: change the CRD and run `npm run generate`.
 * What a status or spec looks like on the wire; the program's own types are in plan.ts, run.ts and region.ts.
 */

/**
 * What must move together between two regions, and where it should be active.
 */
export interface DisasterRecoveryPlan {
  apiVersion?: string;
  kind?: string;
  metadata?: {
    name?: string;
  };
  spec: {
    /**
     * Where it should be active. Changing it is what moves everything.
     */
    activeRegion: string;
    /**
     * How DNS records and databases know this plan, also after the cluster that held it was lost. Immutable; default <namespace>/<name>. Of two plans with one identity, one is refused (IdentityInUse).
     */
    identity?: string;
    /**
     * Act, or Observe to decide and report everything and change nothing.
     */
    enforcement?: 'Act' | 'Observe';
    /**
     * Names of two DisasterRecoveryRegions.
     *
     * @minItems 2
     * @maxItems 2
     */
    regions: string[];
    objectives: {
      /**
       * How long it may take until it is back.
       */
      rto: string;
      /**
       * How much time's worth of writes may be lost. More needs a recorded acceptance.
       */
      rpo: string;
      /**
       * From when the RTO is counted.
       */
      clockStart?: 'Disruption' | 'Detected' | 'Declared' | 'Started';
    };
    /**
     * The defaults are the safe ones; anything weaker is repeated in every message and report.
     */
    failover?: {
      /**
       * Auto lets the operator find out whether the source is alive.
       */
      mode?: 'Auto' | 'Planned' | 'Forced';
      /**
       * Which Runs wait for a person.
       */
      approval?: 'Never' | 'Forced' | 'Always';
      /**
       * What must be proven of the old writer before a promotion.
       */
      fencing?: 'Verified' | 'BestEffort' | 'None';
      /**
       * No second automatic failover within this time.
       */
      cooldown?: string;
      /**
       * How long the source serves on after caches of DNS have expired.
       */
      drain?: string;
      /**
       * How long the target must stay healthy before the RTO clock stops.
       */
      soak?: string;
      /**
       * Past its deadline a step is Blocked and never rolled back, except that a planned Run that cannot reach the source's last position undoes its fence.
       */
      deadlines?: {
        quiesce?: string;
        fence?: string;
        position?: string;
        promote?: string;
        workloads?: string;
        traffic?: string;
      };
    };
    /**
     * @maxItems 32
     */
    databases?: {
      name: string;
      /**
       * A primary and a streaming standby, reached over SQL.
       */
      postgresql?: {
        /**
         * The database that the operator connects to.
         */
        database?: string;
        /**
         * By region.
         */
        servers: {
          [k: string]:
            | {
                /**
                 * The server itself, not a connection pooler, which answers for one that is gone.
                 */
                host: string;
                port?: number;
                /**
                 * A Secret in the plan's namespace with username, password and, where the system's roots do not serve, ca.crt.
                 */
                secretRef: {
                  name: string;
                };
                sslMode?: 'verify-full' | 'verify-ca' | 'disable';
                /**
                 * The replication slot that the other side's standby streams from while this server is primary.
                 */
                slot?: string;
              }
            | undefined;
        };
        /**
         * The roles that write. They are fenced, and opened again.
         *
         * @minItems 1
         * @maxItems 32
         */
        applicationRoles: string[];
        /**
         * Roles that could write and are not fenced. Every report lists them.
         *
         * @maxItems 32
         */
        administrativeRoles?: string[];
        /**
         * Roles that stream the replication. They are not fenced.
         *
         * @maxItems 32
         */
        replicationRoles?: string[];
        /**
         * Proves that the new primary takes writes, as the application: an insert into this table that is rolled back.
         */
        applicationProbe?: {
          /**
           * A Secret in the plan's namespace with the application's username and password.
           */
          secretRef: {
            name: string;
          };
          /**
           * table or schema.table
           */
          table: string;
        };
        /**
         * Makes the old primary a standby of the new one.
         */
        rebuild?: {
          /**
           * A JobTemplateSpec, as a CronJob has it. The Job runs in the returned region. It keeps what diverged before it changes anything, and names where (docs/failing-over.md).
           */
          jobTemplate: {
            [k: string]: unknown | undefined;
          };
        };
      };
    }[];
    /**
     * In the plan's namespace of each region's cluster.
     *
     * @maxItems 128
     */
    workloads?: {
      name: string;
      /**
       * Workloads of a lower wave are ready before those of a higher one are scaled.
       */
      wave?: number;
      /**
       * Names of databases that must be open before it is scaled.
       *
       * @maxItems 32
       */
      uses?: string[];
      /**
       * Stopped in the source before the fence, and not started in the target before what it uses is open. A CronJob always is.
       */
      quiesce?: boolean;
      /**
       * What is scaled or, a CronJob, suspended. The operator does so as the ServiceAccount maestro-dr of the namespace.
       */
      target: {
        apiVersion: 'apps/v1' | 'batch/v1';
        kind: 'Deployment' | 'StatefulSet' | 'CronJob';
        name: string;
      };
      /**
       * How large it is where it is active. Not for a CronJob: its schedule runs there, unless a person had suspended it.
       */
      active?: {
        replicas?: number;
        /**
         * Source takes the count that was last seen healthy in the source.
         */
        replicasFrom?: 'Source';
      };
      /**
       * How large it is in the other region. Not for a CronJob, which is suspended there.
       */
      standby?: {
        replicas?: number;
      };
    }[];
    /**
     * @maxItems 32
     */
    traffic?: {
      name: string;
      /**
       * A simple record set. Its ownership is kept in a TXT record beside it.
       */
      route53?: {
        hostedZoneId: string;
        name: string;
        type: 'A' | 'AAAA' | 'CNAME';
        /**
         * Seconds. Clients may go on to the old region for as long as this after the switch.
         */
        ttl: number;
        /**
         * By region.
         */
        values: {
          /**
           * @minItems 1
           * @maxItems 16
           */
          [k: string]: string[] | undefined;
        };
      };
    }[];
    /**
     * What the target needs from elsewhere. Must be green before the traffic moves.
     *
     * @maxItems 32
     */
    dependencyChecks?: {
      name: string;
      http: {
        /**
         * http or https, without a user or password.
         */
        url: string;
        method?: 'GET' | 'HEAD' | 'POST';
        /**
         * Sent with the request. No secrets; they would be readable in the plan and its Runs.
         */
        headers?: {
          [k: string]: string | undefined;
        };
        /**
         * Accepted status codes; none means 200 to 299.
         *
         * @maxItems 16
         */
        statuses?: number[];
        /**
         * The body must contain this text.
         */
        bodyContains?: string;
        /**
         * The name that the certificate must carry; default is the host of the URL.
         */
        tlsServerName?: string;
        /**
         * PEM; default is the system's roots.
         */
        caBundle?: string;
        /**
         * Connect to this IP address; Host and TLS name stay those of the URL.
         */
        address?: string;
        timeout?: string;
        /**
         * Consecutive successes wanted.
         */
        successes?: number;
      };
    }[];
    /**
     * @maxItems 32
     */
    smokeTests?: {
      name: string;
      /**
       * BeforeTraffic asks the target itself, AfterTraffic asks the way the clients do.
       */
      when: 'BeforeTraffic' | 'AfterTraffic';
      http: {
        /**
         * http or https, without a user or password.
         */
        url?: string;
        /**
         * By region.
         */
        urls?: {
          [k: string]: string | undefined;
        };
        method?: 'GET' | 'HEAD' | 'POST';
        /**
         * Sent with the request. No secrets; they would be readable in the plan and its Runs.
         */
        headers?: {
          [k: string]: string | undefined;
        };
        /**
         * Accepted status codes; none means 200 to 299.
         *
         * @maxItems 16
         */
        statuses?: number[];
        /**
         * The body must contain this text.
         */
        bodyContains?: string;
        /**
         * The name that the certificate must carry; default is the host of the URL.
         */
        tlsServerName?: string;
        /**
         * PEM; default is the system's roots.
         */
        caBundle?: string;
        /**
         * Connect to this IP address; Host and TLS name stay those of the URL.
         */
        address?: string;
        timeout?: string;
        /**
         * Consecutive successes wanted.
         */
        successes?: number;
      };
    }[];
    /**
     * How many ended Runs are kept as records. The newest of each type stays in any case.
     */
    historyLimit?: number;
    /**
     * Who is to be told, in the order in which they are called when a run is blocked: the second one after it was blocked for five minutes, and so on. One without a channel is named in reports alone.
     *
     * @maxItems 16
     */
    contacts?: {
      role: string;
      /**
       * Who holds the role.
       */
      name?: string;
      /**
       * An incoming webhook of Slack, or of what understands the same.
       */
      slack?: {
        /**
         * A Secret in the plan's namespace that holds the webhook's URL.
         */
        secretRef: {
          name: string;
          /**
           * Where the Secret holds the URL.
           */
          key?: string;
        };
      };
      /**
       * A receiver of signed JSON (docs/notifications.md).
       */
      webhook?: {
        /**
         * A Secret in the plan's namespace with url, and hmacKey that signs what is sent.
         */
        secretRef: {
          name: string;
        };
      };
    }[];
  };
  /**
   * Written by the operator alone.
   */
  status?: {
    observedGeneration?: number;
    /**
     * The last wish that was taken up.
     */
    acknowledgedActiveRegion?: string;
    /**
     * Where it was last seen to be active.
     */
    activeRegion?: string;
    adoptedAt?: string;
    /**
     * The highest epoch that was ever given to a Run; 0 for none.
     */
    epoch?: number;
    /**
     * The one Run that may act.
     */
    currentRun?: {
      name: string;
      /**
       * Absent until the Run was made and bound.
       */
      uid?: string;
      epoch: number;
    };
    lastRun?: {
      name: string;
      epoch: number;
      from: string;
      to: string;
      mode?: 'Planned' | 'Forced';
      phase:
        | 'Pending'
        | 'Activation'
        | 'Recovery'
        | 'Reconstitution'
        | 'Aborting'
        | 'Succeeded'
        | 'Aborted'
        | 'Abandoned'
        | 'Failed'
        | 'Superseded';
      finishedAt: string;
      /**
       * What it took. Absent where it was not measured.
       */
      rto?: string;
      /**
       * What the RTO is made of, each from the milestone before it, in the order in which they were reached. Absent where it was not measured.
       *
       * @maxItems 9
       */
      segments?: {
        milestone:
          | 'disruption'
          | 'detected'
          | 'declared'
          | 'started'
          | 'fenced'
          | 'opened'
          | 'trafficObserved'
          | 'smokePassed'
          | 'sustained';
        took: string;
      }[];
      /**
       * What was lost. Unknown is never shown as zero.
       */
      rpo?: {
        grade: 'Measured' | 'Bounded' | 'Estimated' | 'Unknown';
        loss?: string;
      };
    };
    lastFailoverAt?: string;
    /**
     * activeRegion was set back while a Run was past its fence; the way back waits for an explicit word.
     */
    reversalPending?: {
      region: string;
      by?: string;
      at: string;
    };
    /**
     * Replica counts that were last seen healthy.
     *
     * @maxItems 256
     */
    workloads?: {
      name: string;
      region: string;
      replicas: number;
      at: string;
    }[];
    /**
     * Ready, Accepted, Protected, RPOMet, FenceIncomplete; LongTTL, Reconciling and Stalled exist only when True.
     *
     * @maxItems 16
     */
    conditions?: {
      type: string;
      status: 'True' | 'False' | 'Unknown';
      reason: string;
      message: string;
      lastTransitionTime: string;
      observedGeneration?: number;
    }[];
  };
}

/**
 * How to reach one region, and what plans may touch there with its AWS rights.
 */
export interface DisasterRecoveryRegion {
  apiVersion?: string;
  kind?: string;
  metadata?: {
    name?: string;
  };
  spec: {
    /**
     * The way to the region's Kubernetes API server.
     */
    cluster: {
      /**
       * A Secret in the operator's own namespace that holds a kubeconfig. One with exec, auth-provider, file paths or insecure-skip-tls-verify is refused.
       */
      kubeconfigSecretRef?: {
        name: string;
        /**
         * The key of the Secret that holds it.
         */
        key?: string;
      };
      /**
       * The cluster that the operator itself runs in.
       */
      inCluster?: {};
    };
    aws?: {
      /**
       * The AWS region, as AWS names it.
       */
      region: string;
    };
    /**
     * Signs of life of the region as a whole, seen from the operator. A red one is evidence that the region is down.
     *
     * @maxItems 8
     */
    probes?: {
      name: string;
      http: {
        /**
         * http or https, without a user or password.
         */
        url: string;
        method?: 'GET' | 'HEAD' | 'POST';
        /**
         * Sent with the request. No secrets; they would be readable in the plan and its Runs.
         */
        headers?: {
          [k: string]: string | undefined;
        };
        /**
         * Accepted status codes; none means 200 to 299.
         *
         * @maxItems 16
         */
        statuses?: number[];
        /**
         * The body must contain this text.
         */
        bodyContains?: string;
        /**
         * The name that the certificate must carry; default is the host of the URL.
         */
        tlsServerName?: string;
        /**
         * PEM; default is the system's roots.
         */
        caBundle?: string;
        /**
         * Connect to this IP address; Host and TLS name stay those of the URL.
         */
        address?: string;
        timeout?: string;
        /**
         * Consecutive successes wanted.
         */
        successes?: number;
      };
    }[];
    /**
     * Floors below which no plan of this region may go.
     */
    policy?: {
      /**
       * A plan with a weaker spec.failover.fencing is not accepted.
       */
      minFencing?: 'Verified' | 'BestEffort' | 'None';
      /**
       * A plan with a weaker spec.failover.approval is not accepted.
       */
      minApproval?: 'Never' | 'Forced' | 'Always';
    };
    /**
     * What the plans of a namespace may touch with this region's AWS rights. Anything that is not granted here is refused as NotGranted.
     *
     * @maxItems 64
     */
    grants?: {
      namespace: string;
      /**
       * @maxItems 64
       */
      hostedZoneIds?: string[];
    }[];
  };
  /**
   * Written by the operator alone.
   */
  status?: {
    observedGeneration?: number;
    /**
     * UID of the namespace kube-system, last seen. It is pinned in each Run, which stops if another cluster then answers to the region's name.
     */
    clusterUID?: string;
    /**
     * Reachable, Accepted; Reconciling and Stalled exist only when True.
     *
     * @maxItems 16
     */
    conditions?: {
      type: string;
      status: 'True' | 'False' | 'Unknown';
      reason: string;
      message: string;
      lastTransitionTime: string;
      observedGeneration?: number;
    }[];
  };
}

/**
 * One execution of a plan. It is the journal that a restarted operator goes on from, and the report.
 */
export interface DisasterRecoveryRun {
  apiVersion?: string;
  kind?: string;
  metadata?: {
    name?: string;
  };
  spec: {
    planRef: {
      name: string;
      uid: string;
    };
    /**
     * Higher than any that this plan had before. No effect of a lower epoch is carried out.
     */
    epoch: number;
    targetRegion: string;
    type: 'Failover' | 'Switchover' | 'Failback' | 'Drill';
    /**
     * Who made it. PlanField is the operator, for a change of the plan's activeRegion.
     */
    origin?: 'PlanField' | 'Person';
    /**
     * Settles what the operator could not decide. Can be set once.
     */
    mode?: 'Planned' | 'Forced';
    /**
     * Paused starts nothing new. Aborted is final, and refused once a promotion was intended (without databases, the move of a record).
     */
    desiredState?: 'Running' | 'Paused' | 'Aborted';
    /**
     * Each opens one gate for what was asked (evidenceHash, as the status shows it); one whose hash is not what the Run would show now counts for nothing. Who approved is claimed, not verified.
     *
     * @maxItems 32
     */
    approvals?: {
      gate: string;
      by: string;
      reason: string;
      /**
       * Of the gate, this Run's UID, epoch, mode, regions and pinned plan; for Halted of the halt (UID, by, reason), for EpochUnproven of the records not read; and of how often it lapsed unused. Nothing measured is in it.
       */
      evidenceHash: string;
    }[];
    /**
     * A bound. A bigger loss closes the gate again.
     */
    acceptDataLoss?: {
      max: string;
      by: string;
      reason: string;
    };
    /**
     * A person vouches for what the operator cannot see.
     *
     * @maxItems 33
     */
    attestations?: {
      /**
       * A database of the plan, or of a plan without databases a workload that is stopped before the move; "*" is all of them.
       */
      target: string;
      /**
       * The old writer takes no writes.
       */
      kind: 'Fenced';
      /**
       * From when on that holds.
       */
      at: string;
      by: string;
      reason: string;
    }[];
    /**
     * Steps that are to be left out. Only those that the graph marks skippable can be.
     *
     * @maxItems 64
     */
    skips?: {
      /**
       * Its id as the status shows it.
       */
      step: string;
      by: string;
      reason: string;
    }[];
    /**
     * Each entry gives a step that has given up one more attempt.
     *
     * @maxItems 64
     */
    retries?: {
      /**
       * Its id as the status shows it.
       */
      step: string;
      /**
       * When it was asked for.
       */
      at: string;
      by: string;
      reason: string;
    }[];
    /**
     * Records of another plan that this one may take over; a wrong identity is put right by another entry.
     *
     * @maxItems 32
     */
    takeovers?: {
      /**
       * The name of the plan's traffic entry.
       */
      record: string;
      /**
       * The identity of the plan that owns it.
       */
      from: string;
      by: string;
      reason: string;
    }[];
    /**
     * Ends a Run that is past its fence where it stands. Nothing more is done and nothing is taken back.
     */
    abandon?: {
      by: string;
      reason: string;
    };
    /**
     * What the old primary took and the new one never had need not be kept before it is rebuilt. Without it a rebuild whose Job names no copy is not done.
     */
    discardDiverged?: {
      by: string;
      reason: string;
    };
  };
  /**
   * Written by the operator alone.
   */
  status?: {
    observedGeneration?: number;
    phase?:
      | 'Pending'
      | 'Activation'
      | 'Recovery'
      | 'Reconstitution'
      | 'Aborting'
      | 'Succeeded'
      | 'Aborted'
      | 'Abandoned'
      | 'Failed'
      | 'Superseded';
    message?: string;
    mode?: 'Planned' | 'Forced';
    sourceRegion?: string;
    targetRegion?: string;
    /**
     * The step that it is at or that holds it up.
     */
    step?: string;
    /**
     * The reason for which that step does not go on.
     */
    waitsFor?: string;
    /**
     * Since when that step is in its state.
     */
    since?: string;
    /**
     * When the RTO is spent. Absent where the clock has no start.
     */
    rtoDeadline?: string;
    /**
     * Until when the RTO lasts; once it is measured whether it was met.
     */
    rtoLeft?: string;
    /**
     * The plan as it was pinned in canonical JSON. Editing the plan does not alter this Run.
     */
    snapshot?: string;
    snapshotHash?: string;
    /**
     * UID of each region's cluster when the plan was pinned.
     */
    clusterUIDs?: {
      [k: string]: string | undefined;
    };
    /**
     * The graph, and the journal.
     *
     * @maxItems 256
     */
    steps?: {
      id: string;
      kind:
        | 'Assess'
        | 'SamplePositions'
        | 'PreflightDatabase'
        | 'PreflightWorkload'
        | 'PreflightTraffic'
        | 'Approve'
        | 'PreScale'
        | 'Dependency'
        | 'Quiesce'
        | 'Fence'
        | 'Position'
        | 'Promote'
        | 'Checkpoint'
        | 'Open'
        | 'Probe'
        | 'Workload'
        | 'Smoke'
        | 'Shift'
        | 'ObserveTraffic'
        | 'Soak'
        | 'StandDown'
        | 'FinishFence'
        | 'Compare'
        | 'Rebuild'
        | 'Protect'
        | 'Report';
      phase: 'Activation' | 'Recovery' | 'Reconstitution';
      subject?: string;
      region?: string;
      /**
       * Steps that must be done before.
       *
       * @maxItems 256
       */
      after?: string[];
      effect: 'None' | 'Reversible' | 'Irreversible';
      /**
       * From when it is ready to when it counts as Blocked.
       */
      timeout?: string;
      /**
       * Nothing is changed. Would is this step's own effect; Follows waits for one.
       */
      pretend?: 'Would' | 'Follows';
      state: 'Pending' | 'Running' | 'Waiting' | 'Blocked' | 'Done' | 'Undoing' | 'Undone' | 'Drifted';
      since: string;
      readyAt?: string;
      deadline?: string;
      waitsFor?: {
        reason: string;
        message: string;
        /**
         * @maxItems 64
         */
        evidence?: {
          what: string;
          /**
           * When the looking began.
           */
          at: string;
          /**
           * What later steps read back as JSON.
           */
          value?: string;
        }[];
        /**
         * A command that can be pasted.
         */
        next?: string;
        /**
         * What an approval binds to.
         */
        evidenceHash?: string;
      };
      /**
       * Recorded before the effect. Its holder never sends after notAfter.
       */
      intent?: {
        token: string;
        action: 'Do' | 'Undo';
        holder: string;
        at: string;
        notAfter: string;
        attempt: number;
        firstAt: string;
        /**
         * What was there before the first attempt, replicas or the TTL of a record.
         */
        found?: number;
      };
      /**
       * Latched when the step is done.
       */
      outcome?: {
        state: 'Succeeded' | 'Vacuous' | 'Overridden' | 'Pretended' | 'Skipped';
        at: string;
        /**
         * @maxItems 64
         */
        evidence?: {
          what: string;
          /**
           * When the looking began.
           */
          at: string;
          /**
           * What later steps read back as JSON.
           */
          value?: string;
        }[];
      };
    }[];
    /**
     * t0 to t8; each is absent until it was seen.
     */
    milestones?: {
      disruption?: string;
      detected?: string;
      declared?: string;
      started?: string;
      fenced?: string;
      opened?: string;
      trafficObserved?: string;
      smokePassed?: string;
      sustained?: string;
      cachesExpireBy?: string;
    };
    /**
     * What each database lost, how sure that is, and up to when its data are in the target.
     *
     * @maxItems 32
     */
    recovery?: {
      database: string;
      grade: 'Measured' | 'Bounded' | 'Estimated' | 'Unknown';
      /**
       * Where the grade is Estimated it is at least this and open.
       */
      loss?: string;
      switchpoint?: string;
      timeline?: number;
      lostCommits?: number;
      postReturnCommits?: number;
      firstLostAt?: string;
      lastLostAt?: string;
      /**
       * Where the diverged data is kept.
       */
      preservedAt?: string;
      /**
       * What the end of the writing is taken from. NotPromoted: a person left this database behind, and its data are where they were.
       */
      basis?: string;
      /**
       * The recovery point lies between these. Absent where it is unknown. By the operator's clock; once the lost commits were read (Measured), the time of the first of them by the clock of the server that took it.
       */
      point?: {
        /**
         * All that the source had committed by then is in the target.
         */
        earliest: string;
        /**
         * Nothing that the source committed after that is in the target.
         */
        latest: string;
      };
    }[];
    /**
     * How far apart the recovery points of the databases are. Absent with a single database, and until it is decided of each whether it moves. One of the two is set.
     */
    recoverySkew?: {
      /**
       * No two of them are further apart.
       */
      atMost?: string;
      /**
       * No bound can be given, for these have no recovery point or it is not known.
       *
       * @maxItems 32
       */
      unknownOf?: string[];
    };
    /**
     * Positions of the source by the operator's clock; what a loss is bounded by.
     *
     * @maxItems 1056
     */
    samples?: {
      database: string;
      region: string;
      at: string;
      lsn: string;
    }[];
    abort?: {
      at: string;
      reason: string;
      message: string;
    };
    /**
     * Each approval, from when it was seen and when it was used. One unused for 30 minutes counts no more.
     *
     * @maxItems 32
     */
    words?: {
      gate: string;
      evidenceHash: string;
      seenAt: string;
      usedAt?: string;
      /**
       * What its giver was shown.
       */
      shown?: string;
    }[];
    /**
     * What was asked of this Run and is not done, and why.
     *
     * @maxItems 32
     */
    refusals?: {
      request: string;
      reason: string;
      message: string;
      at: string;
    }[];
    finishedAt?: string;
    /**
     * Finished, Succeeded; Reconciling and Stalled exist only when True.
     *
     * @maxItems 16
     */
    conditions?: {
      type: string;
      status: 'True' | 'False' | 'Unknown';
      reason: string;
      message: string;
      lastTransitionTime: string;
      observedGeneration?: number;
    }[];
  };
}
