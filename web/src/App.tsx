import { lazy, useEffect, useRef, type ComponentType } from 'react'
import { createBrowserRouter, createRoutesFromElements, Navigate, Route, RouterProvider } from 'react-router'
import { Layout } from './components/Layout'
import { Home } from './pages/home/Home'
import { NotFound } from './pages/NotFound'
import { SignIn } from './pages/SignIn'
import { Ended } from './session/Ended'
import { SessionProvider, useSessionState } from './session/Session'

/** A page whose code is loaded when it is first opened. */
const later = <K extends string>(load: () => Promise<Record<K, ComponentType>>, name: K) =>
  lazy(async () => ({ default: (await load())[name] }))

const Schedules = later(() => import('./pages/schedules/Schedules'), 'Schedules')
const NewSchedule = later(() => import('./pages/editor/NewSchedule'), 'NewSchedule')
const EditSchedule = later(() => import('./pages/editor/EditSchedule'), 'EditSchedule')
const Schedule = later(() => import('./pages/schedule/Schedule'), 'Schedule')
const Runs = later(() => import('./pages/runs/Runs'), 'Runs')
const Run = later(() => import('./pages/run/Run'), 'Run')
const WorkOrders = later(() => import('./pages/data/WorkOrders'), 'WorkOrders')
const WorkOrder = later(() => import('./pages/data/WorkOrder'), 'WorkOrder')
const Dispensers = later(() => import('./pages/data/Dispensers'), 'Dispensers')
const Filters = later(() => import('./pages/data/Filters'), 'Filters')
const Settings = later(() => import('./pages/settings/Settings'), 'Settings')
const Operations = later(() => import('./pages/operations/Operations'), 'Operations')

const router = createBrowserRouter(
  createRoutesFromElements(
    <Route element={<Layout />}>
      <Route index element={<Home />} />
      <Route path="schedules" element={<Schedules />} />
      <Route path="schedules/new" element={<NewSchedule />} />
      <Route path="schedules/:id" element={<Schedule />} />
      <Route path="schedules/:id/edit" element={<EditSchedule />} />
      <Route path="runs" element={<Runs />} />
      <Route path="runs/:id" element={<Run />} />
      <Route path="data" element={<Navigate to="/data/work-orders" replace />} />
      <Route path="data/work-orders" element={<WorkOrders />} />
      <Route path="data/work-orders/:id" element={<WorkOrder />} />
      <Route path="data/dispensers" element={<Dispensers />} />
      <Route path="data/filters" element={<Filters />} />
      <Route path="settings" element={<Settings />} />
      <Route path="operations" element={<Operations />} />
      <Route path="*" element={<NotFound />} />
    </Route>,
  ),
)

export function App() {
  const { signedIn } = useSessionState()
  useStartAnew(signedIn)
  if (!signedIn) return <SignIn />
  return (
    <SessionProvider>
      <Ended />
      <RouterProvider router={router} />
    </SessionProvider>
  )
}

/** Whoever is next after a sign-out starts at the start, and not on a page of somebody else. */
function useStartAnew(signedIn: boolean) {
  const before = useRef(signedIn)
  useEffect(() => {
    if (before.current && !signedIn) void router.navigate('/', { replace: true })
    before.current = signedIn
  }, [signedIn])
}
